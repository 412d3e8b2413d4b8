"""clink: several models asked at once, blind to one another, and what they say merged by rules."""

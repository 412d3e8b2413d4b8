"""Documents: what they are, and a reader for each format."""

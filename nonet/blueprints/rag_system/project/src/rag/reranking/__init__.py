"""A second, closer look at the first chunks found."""

"""A binary classifier over numeric columns."""

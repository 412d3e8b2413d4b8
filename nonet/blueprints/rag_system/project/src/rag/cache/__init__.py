"""What was found and answered before, kept until the index, the design or the model changes."""

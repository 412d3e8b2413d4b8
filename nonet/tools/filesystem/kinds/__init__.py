"""Kinds of files that read_file describes: configurations, training logs, models and checkpoints; one file a kind."""

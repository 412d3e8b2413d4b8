"""Embedding models: in installed packages, in a local folder, or behind a URL."""

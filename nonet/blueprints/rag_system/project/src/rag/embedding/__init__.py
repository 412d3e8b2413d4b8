"""Embedding models that need no download: their files ship in packages."""

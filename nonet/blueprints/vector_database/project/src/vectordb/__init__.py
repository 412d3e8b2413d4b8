"""Nearest-neighbour search over vectors or texts: an index, filters, hybrid search, and its upkeep."""

"""Vector search over the user's vectors or texts, its index chosen by measurement."""

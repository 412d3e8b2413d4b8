"""Filesystem: reading, listing and searching files beneath the folders the user gave."""

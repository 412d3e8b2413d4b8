"""Replaying questions through the caches: how often they hit, how often wrongly, and what that saves."""

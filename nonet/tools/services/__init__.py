"""How a remote service is asked: permission, pace, cache, retries, time limit, and who answers instead."""

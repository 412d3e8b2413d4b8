"""Vector databases that run as servers, one a file, each by its own documented interface (``contract.py``)."""

"""The engines that hold vectors and search them, one a file, behind one contract (``contract.py``)."""

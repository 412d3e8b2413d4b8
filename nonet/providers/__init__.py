"""Chat models: which can be asked, how each is reached, what it may cost, and what becomes of its faults."""

"""What a person can mend; each message is one line that says what is wrong and what to do."""

from __future__ import annotations


class OptimizationError(Exception):
    """The root of all of them."""

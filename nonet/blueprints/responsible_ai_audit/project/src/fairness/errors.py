"""What is wrong with what was given: one line saying what, and what to do."""

from __future__ import annotations


class FairnessError(Exception):
    """The data, a given model or an option cannot be used as it is."""

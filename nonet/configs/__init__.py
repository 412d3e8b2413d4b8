"""Package data: the agents' prompts and the library of notes.

Read through ``importlib.resources``, so that it is found in a wheel, a zip or a checkout alike.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable


def resource(*parts: str) -> Traversable:
    """Return a file or folder of the package data, such as ``resource("library", "rag_system")``."""
    return resources.files(__name__).joinpath(*parts)


def text(*parts: str) -> str:
    """Return the text of a file of the package data."""
    return resource(*parts).read_text(encoding="utf-8")

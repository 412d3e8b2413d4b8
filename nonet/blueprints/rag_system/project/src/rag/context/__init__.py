"""From ranked chunks to the context a reader gets: packed, compressed, put in order."""

from rag.context.model import Context, Passage
from rag.context.packing import Packer

__all__ = ["Context", "Packer", "Passage"]

"""Cutting a page into chunks: spans of characters, measured in words, tokens or characters."""

from rag.chunking.cut import Chunked, Cut, cut, spans
from rag.chunking.ruler import Span

__all__ = ["Chunked", "Cut", "Span", "cut", "spans"]

"""Splitters that have a size: how each cuts, what it counts, and the defaults its library gives it.

LangChain 1.x, LlamaIndex 0.14, Haystack 2.x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 20_000
"""The space's longest chunk, for splitters that have no limit of their own."""


@dataclass(frozen=True)
class Splitter:
    """A splitter with sizes: how it cuts, what it counts, its defaults, and what its parameters are called."""

    chunking: str
    unit: str
    size: int
    overlap: int
    names: tuple[str, str] = ("chunk_size", "chunk_overlap")
    remark: str = ""


_SENTENCES = Splitter("sentences", "characters", 4000, 200, remark="Its sentences are found by another rule here.")
LANGUAGE = Splitter("recursive", "characters", 4000, 200, remark="It cuts at other separators than are used here.")
SIZED: Mapping[str, Splitter] = {
    "RecursiveCharacterTextSplitter": Splitter("recursive", "characters", 4000, 200),
    "CharacterTextSplitter": Splitter(
        "fixed",
        "characters",
        4000,
        200,
        remark="It cuts at its separator before the size is reached; here at the size.",
    ),
    "MarkdownTextSplitter": LANGUAGE,
    "LatexTextSplitter": LANGUAGE,
    "PythonCodeTextSplitter": LANGUAGE,
    "NLTKTextSplitter": _SENTENCES,
    "SpacyTextSplitter": _SENTENCES,
    "SentenceTransformersTokenTextSplitter": Splitter(
        "fixed", "tokens", 384, 50, ("tokens_per_chunk", "chunk_overlap")
    ),
    "TokenTextSplitter": Splitter("fixed", "tokens", 4000, 200),
    "SentenceSplitter": Splitter("sentences", "tokens", 1024, 200),
    "SimpleNodeParser": Splitter("sentences", "tokens", 1024, 200),
    "RecursiveDocumentSplitter": Splitter("recursive", "words", 200, 0, ("split_length", "split_overlap")),
    "PreProcessor": Splitter("sentences", "words", 200, 0, ("split_length", "split_overlap")),
}

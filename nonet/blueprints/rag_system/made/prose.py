"""Prose in documents: sentences, words without markup, and which phrases say something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.phrases import phrase

WORDS_LEFT = 20
"""Words that must be left to find once a phrase is hidden."""
PAGES = 3
"""A phrase that stands on more pages than this names none of them."""
_APART = re.compile(r"\n\s*\n|^(?:```|~~~).*?^(?:```|~~~)|^\s*(?:[-*+>|]|\d+[.)])\s+", re.S | re.M)
"""What parts paragraphs: empty lines, code blocks, the marks of list items, quotations and rows of tables."""
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])")
_END_UNCASED = re.compile(r"(?<=[.!?])\s+")


def rich(documents: Sequence[Document]) -> set[str]:
    """Return the ids of the pages that have words enough to be found without the hidden ones."""
    return {document.id for document in documents if len(phrase(document.text)) >= 2 * WORDS_LEFT}


def says_something(text: str) -> bool:
    """Words rather than names of code: at least three apart, most of letters, two long enough to carry meaning."""
    apart = [word.strip(".,:;!?()\"'’`") for word in text.split()]
    plain = [word for word in apart if word.replace("-", "").replace("'", "").isalpha()]
    return len(apart) >= 3 and len(plain) * 3 >= len(apart) * 2 and sum(1 for word in plain if len(word) > 3) >= 2


def sentences(text: str, letters: float = 0.9) -> Iterator[str]:
    """Yield the sentences of a text's paragraphs as they stand, white space joined; code blocks are left out.

    A sentence begins with a capital, unless the text has none at all.

    Args:
        text: a section's text.
        letters: least share of letters and spaces; markup, numbers and code have fewer.
    """
    cased = any(character.isupper() for character in text)
    for block in _APART.split(text):
        for sentence in (_END if cased else _END_UNCASED).split(" ".join(block.split())):
            lettered = sum(character.isalpha() or character.isspace() for character in sentence)
            begins = sentence[:1].isupper() or (not cased and sentence[:1].isalpha())
            if begins and sentence[-1:] in ".!?" and lettered >= letters * len(sentence):
                yield sentence


def without_markup(text: str) -> str:
    """Drop links' targets, emphasis, code marks, tags and a leading number of a section."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r":[a-z]+:(?=`)|<[^<>]{0,300}>|[*`]|\{#[^}]*\}", "", text)
    return " ".join(re.sub(r"^\s*(\d+\.)+\d*\s+", "", text).split()).strip("# ")

"""Texts of links: each asks for the page that the link points to, when that page is in the corpus."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from nonet.blueprints.rag_system.documents import Document
from nonet.blueprints.rag_system.made.named import WORDS
from nonet.blueprints.rag_system.made.prose import PAGES, rich, says_something, without_markup
from nonet.blueprints.rag_system.made.question import Made
from nonet.blueprints.rag_system.phrases import Phrase, phrase

_INLINE = re.compile(r"(?<!!)\[([^\[\]]+)\]\(\s*<?([^()<>\s]+)>?(?:\s+[\"'(][^\n]*?)?\)")
_REFERENCE = re.compile(r"(?<!!)\[([^\[\]]+)\]\[([^\[\]]*)\]")
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]]+)\]:\s*<?([^<>\s]+)", re.M)
_ANCHOR = re.compile(r"<a\s[^<>]*?href\s*=\s*[\"']([^\"']+)[\"'][^<>]*>(.{1,300}?)</a>", re.I | re.S)
_STRUCTURED = re.compile(r"`([^`<>]+?)\s*<([^`<>\s]+)>`")
_INDEXES = ("README", "readme", "index", "_index")


def find(documents: Sequence[Document]) -> list[Made]:
    """Return links' texts of 3 to 12 words that say something and point to at most 3 pages of the corpus.

    Links of Markdown (inline, and by reference), of HTML and of reStructuredText are read in what the parsed pages
    still hold of them. No quote answers such a question: the page as a whole does.
    """
    names, enough = Names(documents), rich(documents)
    texts: dict[Phrase, str] = {}
    pages: dict[Phrase, set[str]] = defaultdict(set)
    for document in documents:
        for text, target in _links(document):
            page = names.resolve(target, document.id)
            words = phrase(text)
            if page and page != document.id and len(words) in WORDS:
                texts.setdefault(words, text)
                pages[words].add(page)
    return [
        Made(text, words, tuple(sorted(pages[words])), "link")
        for words, text in texts.items()
        if len(pages[words]) <= PAGES and pages[words] <= enough and says_something(text)
    ]


class Names:
    """The pages of a corpus by the targets that links may name them with."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._pages = {document.id for document in documents}
        self._bare: dict[str, set[str]] = defaultdict(set)
        for page in self._pages:
            folder, name = posixpath.split(page)
            stem = posixpath.splitext(name)[0]
            self._bare[posixpath.join(folder, stem)].add(page)
            if stem in _INDEXES:
                self._bare[folder].add(page)

    def resolve(self, target: str, page: str) -> str | None:
        """Return the page that a link on ``page`` points to; ``None`` when it leaves the corpus or may be several.

        A target's suffix may be the built site's (``.html``), or missing; a folder means its README or index.
        """
        try:
            parts = urlsplit(target)
        except ValueError:
            return None
        path = unquote(parts.path)
        if parts.scheme or parts.netloc or not path:
            return None
        joined = path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(page), path)
        name = posixpath.normpath(joined)
        if name in self._pages:
            return name
        found = self._bare.get("" if name == "." else name) or self._bare.get(posixpath.splitext(name)[0], set())
        return next(iter(found)) if len(found) == 1 else None


def _links(document: Document) -> Iterator[tuple[str, str]]:
    """Yield (text, target) of every link of a page."""
    text = document.text
    targets: Mapping[str, str] = {name.casefold(): target for name, target in _DEFINITION.findall(text)}
    for words, target in _INLINE.findall(text):
        yield without_markup(words), target
    for words, name in _REFERENCE.findall(text):
        if target := targets.get((name or words).casefold()):
            yield without_markup(words), target
    for target, words in _ANCHOR.findall(text):
        yield without_markup(words), target
    for words, target in _STRUCTURED.findall(text):
        yield without_markup(words), target

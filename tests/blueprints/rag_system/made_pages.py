"""Pages that tests make questions of."""

from __future__ import annotations

from nonet.blueprints.rag_system.documents import Document, Section
from nonet.blueprints.rag_system.phrases import phrase

FILLER = " ".join(f"word{number} stands among other words here" for number in range(8))


def page(name: str, *headings: str, text: str = "", kind: str = "markdown", title: str = "") -> Document:
    sections = [Section(heading, 2, f"{text}\n{FILLER}") for heading in headings]
    return Document(name, title or name, sections, kind)


def corpus(pages: int, headings: int = 3) -> list[Document]:
    """Pages whose every heading can be asked."""

    def heading(place: int, number: int) -> str:
        return f"Configure option {'abcdefghij'[number]}{'klmnopqrst'[place % 10]}ing of module {place}"

    return [page(f"p{place}.md", *(heading(place, number) for number in range(headings))) for place in range(pages)]


def holds(document: Document, words: tuple[str, ...]) -> bool:
    found = phrase("\n\n".join((document.title, document.text)))
    return any(found[place : place + len(words)] == words for place in range(len(found)))

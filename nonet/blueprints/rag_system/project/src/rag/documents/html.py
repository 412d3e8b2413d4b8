"""HTML: the main content, found by trafilatura, its headings kept."""

from __future__ import annotations

import html as entities
import logging
import re
from pathlib import PurePosixPath

from rag.documents import markdown
from rag.documents.model import Document, Section

TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def parse(name: str, text: str) -> Document:
    """Extract the main content as Markdown and cut it at its headings; short pages give all their text."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = TITLE.search(text)
    title = entities.unescape(" ".join(found.group(1).split())) if found else ""
    if "<html" not in text.lower():
        text = f"<html><body>{text}</body></html>"  # a fragment: the parser wants a page
    body = trafilatura.extract(
        text, output_format="markdown", include_comments=False, include_tables=True, favor_recall=True
    )
    plain = (Section("", 0, "" if body else str(trafilatura.html2txt(text) or "").strip()),)
    sections = markdown.split(body) if body else plain
    return Document(name, title or markdown.title_of(sections) or PurePosixPath(name).stem, sections, "html")

"""What a page says: run as a process of its own, which reads requests on its standard input and answers on its output.

HTML and PDF of strangers are parsed by C code and by long chains of Python; whatever they do to it (endless loops, all
the memory, a crash) ends with this process. It is given bytes and limits, no environment and no secrets.

A request is a line of JSON (``kind``, ``url``, ``size``, ``schema``) and then ``size`` bytes; an answer is a line of
JSON: the fields of a ``Reading``, or ``{"refused": why}``.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

MEMORY_LIMIT = 2_000_000_000
"""Bytes of address space, where the system can bound it."""
HTML_LIMIT = 8_000_000
PDF_PAGES = 100
TEXT_LIMIT = 1_000_000
"""Characters of text that are handed on."""
LINKS = 2_000
_CUT = f"Its text is longer than {TEXT_LIMIT:,} characters; the rest was left out."


class Refused(Exception):
    """The page cannot be read; the message says why, in words for a person."""


def read(kind: str, url: str, content: bytes, schema: dict[str, Any] | None) -> dict[str, Any]:
    """Read a page.

    Args:
        kind: ``html`` or ``pdf``.
        url: where it was found; links are relative to it.
        content: HTML as UTF-8, or a PDF file.
        schema: the form of the data that is wanted; ``None`` for none.

    Raises:
        Refused: it holds no text, or is damaged or encrypted.
    """
    return _pdf(content) if kind == "pdf" else _html(url, content, schema)


def _html(url: str, content: bytes, schema: dict[str, Any] | None) -> dict[str, Any]:
    import trafilatura
    from lxml import html  # pyright: ignore[reportUnknownVariableType]

    if len(content) > HTML_LIMIT:
        raise Refused(f"it is longer than {HTML_LIMIT:,} bytes of HTML")
    parse = cast("Callable[..., Any]", html.document_fromstring)  # pyright: ignore[reportUnknownMemberType]
    # libxml2's own limits on depth and size stay on: what lies deeper is dropped.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True)
    try:
        tree = parse(content, parser=parser)
    except Exception as error:  # lxml's classes differ between an empty and a broken document
        raise Refused("it holds no readable HTML") from error
    title = " ".join(str(tree.findtext(".//title") or "").split())[:300]
    found: dict[str, Any] = {"title": title, "links": _links(tree, url)}
    if schema is not None:
        found["filled"] = _filled(tree, schema)
    text = trafilatura.extract(tree, output_format="markdown", include_tables=True, favor_recall=True, url=url)
    text = text or trafilatura.html2txt(content.decode("utf-8"))
    found["parts"] = [["", text[:TEXT_LIMIT]]] if text and text.strip() else []
    found["note"] = _CUT if text and len(text) > TEXT_LIMIT else ""
    if not found["parts"] and not found.get("filled", {}).get("origins"):
        raise Refused("it holds no readable text; scripts may draw it, which nothing here runs")
    return found


def _filled(tree: Any, schema: dict[str, Any]) -> dict[str, Any]:
    from nonet.tools.firecrawl.data import schemas
    from nonet.tools.firecrawl.data.filling import fill
    from nonet.tools.firecrawl.data.structure import structured

    return asdict(fill(schemas.read(schema)[0], structured(tree)))


def _links(tree: Any, url: str) -> list[str]:
    """Addresses of the page's links, each once, in order; none where the page asks robots to follow none."""
    metas = tree.xpath("//meta[translate(@name, 'ROBTS', 'robts') = 'robots']/@content")
    if any(word in str(meta).lower() for meta in metas for word in ("nofollow", "none")):
        return []
    base = urljoin(url, str(next(iter(tree.xpath("//base/@href")), "")))
    found: dict[str, None] = {}
    for anchor in tree.iter("a"):
        href = anchor.get("href", "").strip()
        if not href or "nofollow" in anchor.get("rel", "").lower().split():
            continue
        with contextlib.suppress(ValueError):
            link = urljoin(base, href).partition("#")[0]
            if urlsplit(link).scheme in ("http", "https"):
                found[link] = None
        if len(found) == LINKS:
            break
    return list(found)


def _pdf(content: bytes) -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("it is encrypted")
    parts: list[list[str]] = []
    size, total, note = 0, len(reader.pages), ""
    for number, page in enumerate(reader.pages[:PDF_PAGES], start=1):
        text = page.extract_text().strip()
        size += len(text)
        if size > TEXT_LIMIT:
            note = _CUT
            break
        if text:
            parts.append([f"page={number}", text])
    if not parts:
        raise Refused("it holds no text: its pages may be pictures")
    if total > PDF_PAGES:
        note = note or f"It has {total} pages; the first {PDF_PAGES} were read."
    title = reader.metadata.title if reader.metadata else None
    return {"title": str(title or ""), "links": [], "parts": parts, "note": note}


def serve() -> None:
    """Answer requests until the input ends."""
    logging.disable()
    _limit()
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not stand among the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while line := source.readline():
        asked = json.loads(line)
        content = source.read(asked["size"])
        try:
            answer = read(asked["kind"], asked["url"], content, asked["schema"])
        except Refused as error:
            answer = {"refused": str(error)}
        except MemoryError:
            answer = {"refused": "it takes too much memory"}
        except RecursionError:
            answer = {"refused": "it is nested too deeply"}
        except Exception as error:  # whatever a damaged file makes a parser raise
            answer = {"refused": f"it is damaged ({type(error).__name__})"}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    serve()

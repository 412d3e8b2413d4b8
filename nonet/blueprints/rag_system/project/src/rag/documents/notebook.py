"""Jupyter notebooks: Markdown cells give the sections, code cells their text; outputs are left out."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from rag.documents import markdown
from rag.documents.model import Document, Section, storable


def parse(name: str, text: str) -> Document:
    """Read the cells in order.

    Raises:
        ValueError: the file is no notebook.
    """
    value: Any = json.loads(text)
    try:
        cells: list[dict[str, Any]] = [{"source": "", **cell} for cell in value["cells"]]
    except (TypeError, KeyError) as error:
        raise ValueError("not a notebook: it has no cells") from error
    heads: list[tuple[str, int]] = []
    texts: list[list[str]] = []
    for cell in cells:
        body = storable("".join(cell["source"]))  # a string, or a list of lines
        kind = cell.get("cell_type")
        if kind not in ("markdown", "code"):
            continue
        for part in markdown.split(body) if kind == "markdown" else (Section("", 0, body.strip()),):
            if part.heading or (part.text and not heads):
                heads.append((part.heading, part.level))
                texts.append([])
            if part.text:
                texts[-1].append(part.text)
    sections = tuple(Section(*head, "\n\n".join(parts)) for head, parts in zip(heads, texts, strict=True))
    return Document(name, markdown.title_of(sections) or PurePosixPath(name).stem, sections, "notebook")

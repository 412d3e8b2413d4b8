"""Jupyter notebooks: Markdown cells give the sections, code cells their text; outputs are left out."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from rag.documents import markdown
from rag.documents.model import Document, Section


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
    sections: list[Section] = []
    for cell in cells:
        body = "".join(cell["source"])  # a string, or a list of lines
        if cell.get("cell_type") == "markdown":
            for section in markdown.split(body):
                if section.heading or not sections:
                    sections.append(section)
                else:
                    sections[-1] = _joined(sections[-1], section.text)
        elif cell.get("cell_type") == "code" and body.strip():
            if not sections:
                sections.append(Section("", 0, ""))
            sections[-1] = _joined(sections[-1], body.strip())
    return Document(name, markdown.title_of(tuple(sections)) or PurePosixPath(name).stem, tuple(sections), "notebook")


def _joined(section: Section, text: str) -> Section:
    return Section(section.heading, section.level, f"{section.text}\n\n{text}".strip())

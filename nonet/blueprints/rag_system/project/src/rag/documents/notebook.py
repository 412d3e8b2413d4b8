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
    if not isinstance(value, dict) or not isinstance(value.get("cells"), list):
        raise ValueError("not a notebook: it has no cells")
    sections: list[Section] = []
    for cell in value["cells"]:
        source = cell.get("source", "")
        body = "".join(source) if isinstance(source, list) else str(source)
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

"""A version of a file as lines that people and expressions read: notebooks by the code of their cells."""

from __future__ import annotations

from dataclasses import dataclass

from nonet.tools.git.cells import cells


@dataclass(frozen=True)
class Text:
    """Lines of a version, and for a notebook the cell and the line within it of each.

    Attributes:
        lines: without their ends.
        places: (cell, line), counted from 1; ``None`` where the lines are the file's own.
    """

    lines: tuple[str, ...]
    places: tuple[tuple[int, int], ...] | None = None

    @property
    def content(self) -> bytes:
        """The lines as bytes, each with its end."""
        return "".join(f"{line}\n" for line in self.lines).encode("utf-8", errors="surrogateescape")

    def reference(self, name: str, line: int) -> str:
        """Cite a line, counted from 1: ``path:line``, or ``path:cell N:line``."""
        if self.places is None:
            return f"{name}:{line}"
        cell, inner = self.places[line - 1]
        return f"{name}:cell {cell}:{inner}"


def binary(content: bytes) -> bool:
    """Whether a version is no text: a NUL among its first 8 KB, as git decides it."""
    return b"\0" in content[:8192]


def read(path: str, content: bytes) -> Text | None:
    """Return a version's lines; ``None`` where it is binary."""
    if binary(content):
        return None
    found = cells(content) if path.lower().endswith(".ipynb") else None
    if found is None:
        lines = content.decode("utf-8", errors="surrogateescape").split("\n")
        return Text(tuple(lines[:-1] if lines[-1] == "" else lines))
    rows = [
        (line, (cell.number, place))
        for cell in found
        if cell.kind == "code"
        for place, line in enumerate(cell.source.split("\n"), start=1)
    ]
    return Text(tuple(line for line, _ in rows), tuple(place for _, place in rows))

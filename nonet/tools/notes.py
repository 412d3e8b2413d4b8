"""The library of notes: what Nonet knows of techniques, written by its authors, one Markdown file each.

A note begins with YAML: ``title``, ``tags``, ``nominate`` (a design patch that the rules may take up, or null),
``when`` (one sentence: when it is worth measuring), ``references`` (names with addresses). The rest is prose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import BaseModel, ConfigDict

from nonet import configs
from nonet.errors import ToolError
from nonet.state import Scalar
from nonet.tools.contract import EXCERPT_LIMIT, Item

PREFIX = "note:"


class Source(BaseModel):
    """Where a note's knowledge comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    url: str


class FrontMatter(BaseModel):
    """The typed head of a note."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    tags: list[str]
    nominate: dict[str, Scalar] | None
    when: str
    references: list[Source]


@dataclass(frozen=True)
class Note:
    """One note of the library."""

    workflow: str
    name: str
    head: FrontMatter
    body: str

    @property
    def reference(self) -> str:
        """``note:workflow/name``."""
        return f"{PREFIX}{self.workflow}/{self.name}"

    @property
    def searchable(self) -> str:
        """The text that is ranked: the title twice, for what a note is about stands there."""
        return "\n".join([self.head.title, self.head.title, " ".join(self.head.tags), self.head.when, self.body])

    def item(self) -> Item:
        """Return the note as a finding: its prose, and its head as facts."""
        facts: dict[str, Any] = {"source": "library", "tags": self.head.tags, "when": self.head.when}
        facts["references"] = [f"{source.name} <{source.url}>" for source in self.head.references]
        if self.head.nominate is not None:
            facts["nominate"] = self.head.nominate
        return Item(reference=self.reference, title=self.head.title, excerpt=self.body[:EXCERPT_LIMIT], facts=facts)


def library(workflow: str = "") -> list[Note]:
    """Return the notes of a workflow, or of all, in name order."""
    return [note for name in _workflows() if workflow in ("", name) for note in _notes(name)]


def find(reference: str) -> Note:
    """Return the note of a reference.

    Raises:
        ToolError: there is none.
    """
    for note in library():
        if note.reference == reference:
            return note
    raise ToolError(f"There is no note {reference!r} in the library.", "Find one with tavily-search.")


@cache
def _workflows() -> tuple[str, ...]:
    return tuple(sorted(entry.name for entry in configs.resource("library").iterdir() if entry.is_dir()))


@cache
def _notes(workflow: str) -> tuple[Note, ...]:
    files = [entry for entry in configs.resource("library", workflow).iterdir() if entry.name.endswith(".md")]
    return tuple(_parse(workflow, file) for file in sorted(files, key=lambda file: file.name))


def _parse(workflow: str, file: Traversable) -> Note:
    import yaml

    _, head, body = file.read_text(encoding="utf-8").split("---\n", 2)
    return Note(workflow, file.name.removesuffix(".md"), FrontMatter.model_validate(yaml.safe_load(head)), body.strip())

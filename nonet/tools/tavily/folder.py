"""The embedded backend of research: the user's folders and the library of notes, each ranked by BM25.

The two lists are merged by turns, the library first, as their scores cannot be compared: BM25 weighs words by their
rarity in its own collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from nonet.errors import ToolError
from nonet.tools import notes
from nonet.tools.contract import EXCERPT_LIMIT, Found, Item, ToolContext
from nonet.tools.documents import SUFFIXES, Section, document, sections
from nonet.tools.filesystem.roots import Entry, Roots
from nonet.tools.ranking import Ranking

BACKEND = "folder and library"
TOTAL_LIMIT = 100_000_000


@dataclass(frozen=True)
class _Folder:
    """The passages of the user's folders, and how many files could not be read."""

    passages: Sequence[Section]
    ranking: Ranking
    skipped: int


def search(query: str, limit: int, context: ToolContext) -> Found:
    """Return the best passages of both sources."""
    library, own, note = ranked(query, limit, context)
    return Found(BACKEND, by_turns(library, own)[:limit], note)


def ranked(query: str, limit: int, context: ToolContext) -> tuple[list[Item], list[Item], str]:
    """Return the best of the library and the best of the folders, at most ``limit`` each, and what was left out."""
    roots = Roots(context)
    index, left_out = _index(roots)
    library = [note.item() for note in _best_notes(query, limit, context.workflow)]
    own = [_item(index.passages[position]) for position, _ in index.ranking.best(query, limit)]
    return library, own, _note(index.skipped, left_out)


def by_turns(*found: Sequence[Item]) -> list[Item]:
    """Merge lists whose ranks cannot be compared: the first of each, then the second of each."""
    return [item for turn in zip_longest(*found) for item in turn if item is not None]


def _best_notes(query: str, limit: int, workflow: str) -> list[notes.Note]:
    found = notes.library(workflow)
    return [found[position] for position, _ in _library_ranking(workflow).best(query, limit)]


@lru_cache(maxsize=16)
def _library_ranking(workflow: str) -> Ranking:
    return Ranking([note.searchable for note in notes.library(workflow)])


def _item(section: Section) -> Item:
    excerpt = section.text[:EXCERPT_LIMIT]
    return Item(reference=section.reference, title=section.title, excerpt=excerpt, facts={"source": "folder"})


def _index(roots: Roots) -> tuple[_Folder, int]:
    entries: list[Entry] = []
    total = left_out = 0
    for entry in roots.files():
        if not entry.name.lower().endswith(SUFFIXES):
            continue
        if total + entry.size > TOTAL_LIMIT:
            left_out += 1
            continue
        total += entry.size
        entries.append(entry)
    return _folder(_Listing(roots, tuple(entries))), left_out


class _Listing:
    """Files to index; equal when names, sizes and times are, so that an unchanged folder is indexed once."""

    def __init__(self, roots: Roots, entries: tuple[Entry, ...]) -> None:
        self.roots = roots
        self.entries = entries

    def __hash__(self) -> int:
        return hash(self.entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Listing) and self.entries == other.entries


@lru_cache(maxsize=4)
def _folder(listing: _Listing) -> _Folder:
    passages: list[Section] = []
    skipped = 0
    for entry in listing.entries:
        try:
            passages += _passages(listing.roots, entry)
        except ToolError:
            skipped += 1
    return _Folder(passages, Ranking([f"{passage.title}\n{passage.text}" for passage in passages]), skipped)


def _passages(roots: Roots, entry: Entry) -> Iterable[Section]:
    return sections(document(entry.name, roots.read(entry.root, entry.relative)))


def _note(skipped: int, left_out: int) -> str:
    said: list[str] = []
    if skipped:
        said.append(f"{skipped} files could not be read as text.")
    if left_out:
        said.append(f"{left_out} files lie past the {TOTAL_LIMIT // 1_000_000} MB that are indexed.")
    return " ".join(said)

"""``git_blame``: who wrote which lines of a file, and when; a notebook's by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from nonet.errors import ToolError
from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Facts, Found, Item, Tool, ToolContext
from nonet.tools.git.apart import asked

if TYPE_CHECKING:
    import pygit2

    from nonet.tools.git.checkout import Checkout
    from nonet.tools.git.lines import Written
    from nonet.tools.git.text import Text

_LINES = re.compile(r"(?:cell (?P<cell>\d{1,6}):?)?(?P<first>\d{1,8})?(?:[-,](?P<last>\d{1,8}))?")
_RUNS = 60
"""Runs of lines that are told."""


class GitBlameArguments(Arguments):
    """Which lines."""

    path: str = Field(min_length=1, max_length=1000, description="File whose lines are looked at.")
    lines: str = Field(
        default="",
        max_length=40,
        description="10, 10-20, or for a notebook 'cell 3' or 'cell 3:2-5'; empty for all.",
    )
    revision: str = Field(
        default="", max_length=300, description="Commit whose version is looked at; empty for the file as it is now."
    )


class GitBlame(Tool[GitBlameArguments]):
    """The tool. libgit2 reads the checkout in a process of its own."""

    name = "git_blame"
    service = "git"
    description = (
        "Say who wrote which lines of a file of the user's checkout, in which commit and when; renames are followed, "
        "notebooks are read by cell."
    )
    Arguments = GitBlameArguments

    async def find(self, arguments: GitBlameArguments, context: ToolContext) -> Found:
        """Ask the checkout."""
        return await asked("blame", arguments, context)


def read(checkout: Checkout, arguments: GitBlameArguments) -> Found:
    """Answer, in the reading process.

    Raises:
        ToolError: there is no such file, revision or line, or the file is binary.
    """
    from nonet.tools.git import revisions
    from nonet.tools.git.lines import Lines, Written

    path = checkout.path
    if not arguments.revision and checkout.repository.head_is_unborn:
        return Found("pygit2", [], "The repository has no commit yet.")
    commit = revisions.commit(checkout, arguments.revision or "HEAD")
    committed = _committed(checkout, commit, path)
    shown = _current(checkout, path, committed) if not arguments.revision else committed
    if shown is None:
        raise ToolError(
            f"git tracks no text file {checkout.name(path)!r} there.", "See what it was called with git_log."
        )
    chosen = _chosen(shown, arguments.lines)
    kept = _kept(committed, shown)
    asked_for = [(line, kept[line]) for line in chosen if line in kept]
    written = Lines(checkout).written(commit, path, asked_for) if asked_for else {}
    told = [(line, written.get(line, Written(None))) for line in chosen]
    runs = list(_runs(shown, told))
    if len(runs) > _RUNS:
        checkout.say(f"{len(runs) - _RUNS} more runs of lines; name fewer lines.")
    return Found("pygit2", [_item(checkout, path, shown, run, who) for run, who in runs[:_RUNS]])


def _committed(checkout: Checkout, commit: pygit2.Commit, path: str) -> Text | None:
    from nonet.tools.git import text
    from nonet.tools.git.changes import version

    oid = version(commit.tree, path)
    content = None if oid is None else checkout.content(oid)
    return None if content is None else text.read(path, content)


def _current(checkout: Checkout, path: str, committed: Text | None) -> Text | None:
    """Return the working tree's version; the committed one where there is none, nothing where git does not track it."""
    from nonet.tools.git import text

    if checkout.repository.is_bare:
        return committed
    checkout.see_working_tree()
    if committed is None and path not in checkout.repository.index:
        return None
    content = checkout.working(path)
    if content is None:
        return committed
    return text.read(path, content.replace(b"\r\n", b"\n"))


def _kept(committed: Text | None, shown: Text) -> dict[int, int]:
    """Return line shown → line committed, counted from 0, of what is the same in both."""
    from nonet.tools.git import patches

    if committed is None:
        return {}
    if committed.lines == shown.lines:
        return {line: line for line in range(len(shown.lines))}
    runs = patches.unchanged(committed.content.replace(b"\r\n", b"\n"), shown.content)
    return {new + place: old + place for old, new, length in runs for place in range(length)}


def _chosen(shown: Text, wanted: str) -> Sequence[int]:
    """Return the lines asked for, counted from 0.

    Raises:
        ToolError: they are not written as lines, or are not there.
    """
    match = _LINES.fullmatch(wanted.strip().replace(":cell", "cell"))
    if match is None:
        raise ToolError(f"{wanted!r} are no lines.", "Write 10, 10-20, 'cell 3' or 'cell 3:2-5'.")
    rows: Sequence[int] = range(len(shown.lines))
    if match["cell"] is not None:
        rows = [row for row, (cell, _) in enumerate(shown.places or ()) if cell == int(match["cell"])]
        if not rows:
            raise ToolError(f"There is no code in cell {match['cell']}.", "Cells are counted from 1, prose included.")
    if match["first"] is not None:
        first, last = int(match["first"]), int(match["last"] or match["first"])
        if not 1 <= first <= last or first > len(rows):
            raise ToolError(f"There are no lines {first}-{last}.", f"There are {len(rows)}.")
        rows = rows[first - 1 : last]
    return rows


def _runs(shown: Text, told: Sequence[tuple[int, Written]]) -> Iterator[tuple[list[int], Written]]:
    """Yield lines that follow one another, in one cell, and have one writer."""
    run: list[int] = []
    last: Written | None = None
    for line, who in told:
        follows = bool(run) and line == run[-1] + 1 and _cell(shown, line) == _cell(shown, run[-1])
        same = last is not None and _hash(who) == _hash(last)
        if run and last is not None and not (follows and same):
            yield run, last
            run = []
        run.append(line)
        last = who
    if run and last is not None:
        yield run, last


def _cell(shown: Text, line: int) -> int:
    return shown.places[line][0] if shown.places else 0


def _hash(who: Written) -> str:
    return str(who.commit.id) if who.commit else ""


def _item(checkout: Checkout, path: str, shown: Text, run: Sequence[int], who: Written) -> Item:
    from nonet.tools.git import history

    first, last = (shown.places[line][1] if shown.places else line + 1 for line in (run[0], run[-1]))
    facts: Facts = {"path": checkout.name(path), "first_line": first, "last_line": last, "committed": True}
    if shown.places:
        facts["cell"] = shown.places[run[0]][0]
    if who.commit is None:
        title = "not committed yet"
        facts["committed"] = False
    else:
        commit = who.commit
        facts |= history.facts(commit)
        title = f"{history.short(commit)} {history.date(commit)} {history.author(commit)}: {history.summary(commit)}"
    if who.ended:
        # Older than this commit, nobody knows by how much.
        facts["at_least_as_old"] = True
        title = f"{title} (or earlier)"
    excerpt = "\n".join(shown.lines[line] for line in run)[:EXCERPT_LIMIT]
    return Item(reference=shown.reference(checkout.name(path), run[0] + 1), title=title, excerpt=excerpt, facts=facts)

"""``git_diff``: what a range, a commit or the uncommitted work changed; notebooks by their cells' sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Facts, Found, Item, Tool, ToolContext, visible
from nonet.tools.git.apart import asked

if TYPE_CHECKING:
    from nonet.tools.git.changes import Change
    from nonet.tools.git.checkout import Checkout
    from nonet.tools.git.patches import Hunk

_PER_FILE = 6
"""Excerpts of one file."""


class GitDiffArguments(Arguments):
    """What to compare."""

    path: str = Field(default="", max_length=1000, description="File or folder to compare; empty for all.")
    range: str = Field(
        default="",
        max_length=300,
        description="A..B compares two revisions, A...B what B changed since it left A, A.. what came after A; a "
        "single commit, tag or HEAD~3 shows what it changed itself; empty: what is not committed yet.",
    )
    limit: int = Field(default=20, ge=1, le=100, description="Excerpts to return at most.")


class GitDiff(Tool[GitDiffArguments]):
    """The tool. libgit2 compares in a process of its own; no external diff, filter or text conversion runs."""

    name = "git_diff"
    service = "git"
    description = (
        "Show what changed in the user's checkout, as unified diffs by file; notebooks by the sources of their cells, "
        "without outputs. Binary files are named only."
    )
    Arguments = GitDiffArguments

    async def find(self, arguments: GitDiffArguments, context: ToolContext) -> Found:
        """Ask the checkout."""
        return await asked("diff", arguments, context)


def read(checkout: Checkout, arguments: GitDiffArguments) -> Found:
    """Answer, in the reading process.

    Raises:
        ToolError: a revision cannot be understood, or there is no working tree.
    """
    changes, ends = _compared(checkout, arguments.range)
    items: list[Item] = []
    for count, change in enumerate(changes):
        if len(items) >= arguments.limit or checkout.late():
            checkout.say(f"{len(changes) - count} more files differ.")
            break
        items += _items(checkout, change, ends)
    if len(items) > arguments.limit:
        checkout.say("There is more; name a path.")
    if not changes:
        checkout.say("Nothing differs." if arguments.range else "Nothing is uncommitted.")
    return Found("pygit2", items[: arguments.limit])


def _compared(checkout: Checkout, text: str) -> tuple[Sequence[Change], Facts]:
    """Return what differs, and the two ends: hashes, "" for the working tree and for nothing."""
    from nonet.tools.git import changes, revisions
    from nonet.tools.git.history import Step

    wanted = revisions.parse(checkout, text) if text.strip() else None
    if wanted is None:
        unborn = checkout.repository.head_is_unborn
        head = "" if unborn else str(revisions.commit(checkout, "HEAD").id)
        return changes.uncommitted(checkout), {"from": head, "to": ""}
    new = wanted.newest
    if wanted.single:
        parents = changes.parents_of(checkout, new)
        if new.id in checkout.boundary:
            checkout.say("What this commit changed is not in this shallow clone.")
        if len(parents) > 1:
            checkout.say("It is a merge, shown against its first parent.")
            found = changes.between(checkout, parents[0].tree, new.tree, checkout.path)
        else:
            found = Step(new, checkout.path).changes(checkout)
        return found, {"from": str(parents[0].id) if parents else "", "to": str(new.id)}
    (old,) = wanted.without
    found = changes.between(checkout, old.tree, new.tree, checkout.path)
    return found, {"from": str(old.id), "to": str(new.id)}


def _items(checkout: Checkout, change: Change, ends: Facts) -> Iterator[Item]:
    from nonet.tools.git import patches

    name, old_name = checkout.name(change.path), checkout.name(change.old_path)
    facts: Facts = {"path": name, "status": change.status, "binary": False, **ends}
    if change.status == "renamed":
        facts["old_path"] = old_name
    title = f"{change.status} {name}" + (f", before {old_name}" if change.status == "renamed" else "")
    if change.kind != "file":
        yield Item(reference=name, title=f"{title} ({change.kind}, not entered)", excerpt="", facts=facts)
        return
    before, after = change.before(checkout), change.after(checkout)
    hunks = None if before is None or after is None else patches.hunks(change.path, before, after)
    if hunks is None:
        what = "not shown: too large or missing" if before is None or after is None else "binary"
        facts |= {"binary": what == "binary"}
        yield Item(reference=name, title=f"{title} ({what})", excerpt="", facts=facts)
        return
    added, removed = (
        (sum(len(side) for side in sides) for sides in zip(*map(_sides, hunks), strict=True)) if hunks else (0, 0)
    )
    facts |= {"added": added, "removed": removed}
    head = f"--- {'/dev/null' if change.status == 'added' else f'a/{old_name}'}\n"
    head += f"+++ {'/dev/null' if change.status == 'removed' else f'b/{name}'}"
    if not hunks and change.path.lower().endswith(".ipynb"):
        title += " (outputs and metadata only)"
    excerpts = _packed(visible(head), hunks)
    for excerpt in excerpts[:_PER_FILE]:
        yield Item(reference=name, title=f"{title} (+{added} −{removed})", excerpt=excerpt, facts=facts)
    if len(excerpts) > _PER_FILE or any(len(excerpt) == EXCERPT_LIMIT for excerpt in excerpts):
        checkout.say(f"{name}: its difference is longer than is shown.")


def _sides(hunk: Hunk) -> tuple[list[str], list[str]]:
    return hunk.added, hunk.removed


def _packed(head: str, hunks: Sequence[Hunk]) -> list[str]:
    """Return excerpts of whole hunks; one that is longer than an excerpt is cut."""
    made = [head]
    for hunk in hunks:
        text = visible(hunk.text)
        if len(made[-1]) + 1 + len(text) <= EXCERPT_LIMIT or made[-1] == head:
            made[-1] += f"\n{text}"
        else:
            made.append(f"{head}\n{text}")
    return [each[:EXCERPT_LIMIT] for each in made]

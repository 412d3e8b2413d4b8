"""``git_log``: which commits touched, said or changed something, and which hyperparameter changed when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Facts, Found, Item, Tool, ToolContext
from nonet.tools.git.apart import asked

if TYPE_CHECKING:
    from nonet.tools.git.changes import Change
    from nonet.tools.git.checkout import Checkout
    from nonet.tools.git.history import Step
    from nonet.tools.git.hyperparameters import Changed

_FILES = 40


class GitLogArguments(Arguments):
    """Which commits."""

    path: str = Field(
        default="", max_length=1000, description="File or folder that they touch; a renamed file is followed."
    )
    grep: str = Field(
        default="",
        max_length=500,
        description="Extended regular expression that a line of the message matches. Case counts only where it has "
        "capitals.",
    )
    limit: int = Field(default=20, ge=1, le=200, description="Commits, or changed hyperparameters, to return at most.")
    range: str = Field(
        default="", max_length=300, description="Branch, tag, hash, HEAD~3, A..B or A...B; empty for HEAD."
    )
    since: str = Field(default="", max_length=40, description="Not committed before: 2025-01-31, or '2 weeks ago'.")
    until: str = Field(default="", max_length=40, description="Not committed after.")
    author: str = Field(default="", max_length=200, description="Part of the author's name or address.")
    contains: str = Field(
        default="",
        max_length=500,
        description="Text whose number of occurrences in a file they change (git log -S).",
    )
    regexp: bool = Field(
        default=False,
        description="Take 'contains' as a regular expression that a line added or removed matches (git log -G).",
    )
    hyperparameter: str = Field(
        default="",
        max_length=80,
        description="Return who changed this value when, from what to what (facts.old, facts.new): learning_rate, lr, "
        "batch_size, any name in Python, YAML, JSON, TOML, notebooks and command lines; 'all' for the usual ones.",
    )


class GitLog(Tool[GitLogArguments]):
    """The tool. libgit2 reads the checkout in a process of its own."""

    name = "git_log"
    service = "git"
    description = (
        "Read the history of the user's checkout, newest first: commits by path, message, author, time or changed "
        "text, or the changes of a hyperparameter with old and new value, commit and line."
    )
    Arguments = GitLogArguments

    async def find(self, arguments: GitLogArguments, context: ToolContext) -> Found:
        """Ask the checkout."""
        return await asked("log", arguments, context)


def read(checkout: Checkout, arguments: GitLogArguments) -> Found:
    """Answer, in the reading process.

    Raises:
        ToolError: a revision, a date or an expression cannot be understood.
    """
    from nonet.tools.git import history, revisions

    wanted = revisions.parse(checkout, arguments.range)
    if wanted is None:
        return Found("pygit2", [], "The repository has no commit yet.")
    chosen = _chosen(checkout, history.steps(checkout, wanted), arguments)
    if arguments.hyperparameter:
        items = list(islice(_values(checkout, chosen, arguments.hyperparameter), arguments.limit + 1))
    else:
        items = [_commit(checkout, step) for step in islice(chosen, arguments.limit + 1)]
    if len(items) > arguments.limit:
        checkout.say("There are more; raise the limit, or name a path, a range or a time.")
    elif not items:
        checkout.say("No commit of the range is like that.")
    return Found("pygit2", items[: arguments.limit])


def _chosen(checkout: Checkout, steps: Iterable[Step], arguments: GitLogArguments) -> Iterable[Step]:
    """Keep what fits, the cheapest questions first."""
    from nonet.tools.git import search

    steps = _in_time(steps, arguments.since, arguments.until)
    if arguments.author:
        steps = _by_author(steps, arguments.author.lower())
    if arguments.grep:
        steps = search.by_message(checkout, steps, arguments.grep)
    if arguments.contains:
        by = search.by_lines if arguments.regexp else search.by_text
        steps = by(checkout, steps, arguments.contains)
    return steps


def _in_time(steps: Iterable[Step], since: str, until: str) -> Iterable[Step]:
    from nonet.tools.git.dates import moment

    first = moment(since) if since else None
    last = moment(until, end=True) if until else None
    if first is None and last is None:
        return steps
    return (
        step
        for step in steps
        if (first is None or step.commit.commit_time >= first) and (last is None or step.commit.commit_time <= last)
    )


def _by_author(steps: Iterable[Step], wanted: str) -> Iterator[Step]:
    from nonet.tools.git import history

    for step in steps:
        if wanted in f"{history.author(step.commit)} <{history.email(step.commit)}>".lower():
            yield step


def _commit(checkout: Checkout, step: Step) -> Item:
    from nonet.tools.git import history

    commit = step.commit
    changes = step.changes(checkout)
    facts = history.facts(commit)
    facts |= {"files": [checkout.name(change.path) for change in changes][:_FILES], "merge": len(commit.parents) > 1}
    listed = [_told(checkout, change) for change in changes[:_FILES]]
    if len(changes) > _FILES:
        listed.append(f"and {len(changes) - _FILES} more files")
    if commit.id in checkout.boundary:
        listed = ["(what it changed is not in this shallow clone)"]
    files = "\n".join(listed)
    text = history.message(commit)[: EXCERPT_LIMIT - len(files) - 2] if len(files) < EXCERPT_LIMIT // 2 else ""
    excerpt = "\n\n".join(part for part in (text, files) if part)[:EXCERPT_LIMIT]
    return Item(reference=f"commit:{history.short(commit)}", title=_title(step), excerpt=excerpt, facts=facts)


def _told(checkout: Checkout, change: Change) -> str:
    name = checkout.name(change.path)
    if change.status == "renamed":
        return f"renamed {checkout.name(change.old_path)} to {name}"
    return f"{change.status} {name}" + (f" ({change.kind})" if change.kind != "file" else "")


def _values(checkout: Checkout, steps: Iterable[Step], name: str) -> Iterator[Item]:
    from nonet.tools.git.hyperparameters import Hyperparameters

    wanted = Hyperparameters.named(name)
    for step in steps:
        if checkout.late():
            return
        for change in step.changes(checkout):
            for changed in wanted.changed(checkout, change):
                yield _value(step, changed)


def _value(step: Step, changed: Changed) -> Item:
    from nonet.tools.git import history
    from nonet.tools.git.values import written

    old = written(changed.old.value) if changed.old else "(not there)"
    new = written(changed.new.value) if changed.new else "(removed)"
    facts: Facts = {
        "hyperparameter": changed.name,
        "old": changed.old.value if changed.old else None,
        "new": changed.new.value if changed.new else None,
        "change": "changed" if changed.old and changed.new else "introduced" if changed.new else "removed",
        "path": changed.path,
        "line": changed.reference.rsplit(":", 1)[1],
        "within": (changed.new or changed.old).where,  # pyright: ignore[reportOptionalMemberAccess]
        **history.facts(step.commit),
    }
    title = f"{changed.name}: {old} → {new} | {_title(step)}"
    reference = f"{history.short(step.commit)}:{changed.reference}"
    return Item(reference=reference, title=title, excerpt=changed.line[:EXCERPT_LIMIT], facts=facts)


def _title(step: Step) -> str:
    from nonet.tools.git import history

    commit = step.commit
    return f"{history.short(commit)} {history.date(commit)} {history.author(commit)}: {history.summary(commit)}"

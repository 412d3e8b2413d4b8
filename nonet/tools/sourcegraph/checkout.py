"""The embedded backend of code search: one checkout, searched by ripgrep."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nonet.errors import ToolError
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.filesystem import beneath
from nonet.tools.sourcegraph import ripgrep
from nonet.tools.sourcegraph.corpora import Code, Limits, Names, Notebooks
from nonet.tools.sourcegraph.excerpts import shown, spans
from nonet.tools.sourcegraph.expression import Content, File, Places, leaves, satisfying
from nonet.tools.sourcegraph.languages import language_of
from nonet.tools.sourcegraph.names import matching_names
from nonet.tools.sourcegraph.notebooks import CodeCells
from nonet.tools.sourcegraph.paths import expression, plain
from nonet.tools.sourcegraph.query import CodeQuery
from nonet.tools.sourcegraph.reading import Reader, reader
from nonet.tools.sourcegraph.repository import is_bare, names_of
from nonet.tools.sourcegraph.scope import scope
from nonet.tools.sourcegraph.values import Repository

PER_FILE = 4
"""Excerpts of one file at most."""
_TESTS = frozenset({"test", "tests", "testing"})


@dataclass(frozen=True)
class Where:
    """Where to look in a checkout: a folder or file, "" for all; and whether git-ignored files count."""

    path: str = ""
    ignored: bool = False


def search(query: CodeQuery, where: Where, limit: int, context: ToolContext) -> Found:
    """Return what satisfies a query, files of the product before tests: excerpts around the places that match.

    Raises:
        ToolError: there is no checkout, the query names another, or an expression is malformed.
    """
    if context.repository is None:
        raise ToolError("There is no repository to search.", "Give one with --repo.")
    if query.expression is None:
        raise ToolError(
            "The query holds nothing to find.", "Write what the code says, such as: chunk_size lang:python."
        )
    root = Path(os.path.abspath(context.repository))
    if is_bare(root):
        raise ToolError(f"{root.name} is a bare repository: it holds no files.", "Give a working tree with --repo.")
    refusal = names_another(query.values.repositories, root)
    if refusal:
        raise ToolError(refusal, "Without repo: the checkout is searched; Sourcegraph is asked with a key or --web.")
    limits = Limits(bool(query.values.case), query.values.timeout or ripgrep.SECONDS)
    _check(query, limits)
    folder = beneath.clean(where.path) if where.path else "."
    code = Code(scope(query, folder, where.ignored, context, root), limits)
    with reader(root, context.excluded, context.settings.file_size_limit) as files:
        found = _found(query, code, files)
        return _answer(query, root, found, files, limits, limit)


def names_another(wanted: Sequence[Repository], root: Path) -> str:
    """Say that a query means other repositories than a checkout, "" when it may mean it.

    Raises:
        ToolError: a name's expression is malformed.
    """
    names = names_of(root) if wanted else []
    for each in wanted:
        if bool(matching_names(names, each.pattern, False, ripgrep.SECONDS)) == each.negated:
            sign = "-" if each.negated else ""
            return f"{sign}repo:{each.pattern} names another repository than the checkout ({', '.join(names)})."
    return ""


@dataclass(frozen=True)
class _Matching:
    """The files that satisfy a query, in the order in which they are shown, with the places of each."""

    places: dict[str, Places]
    cells: dict[str, CodeCells]

    @property
    def ordered(self) -> list[str]:
        return sorted(self.places, key=lambda path: (_is_test(path), path.split("/")))


def _found(query: CodeQuery, code: Code, files: Reader) -> _Matching:
    assert query.expression is not None
    if query.values.type == "path":
        return _Matching(satisfying(query.expression, Names(code)), {})
    places = satisfying(query.expression, code)
    notebooks = Notebooks(code.notebooks, files, code.limits)
    return _Matching({**places, **satisfying(query.expression, notebooks)}, notebooks.cells)


def _answer(query: CodeQuery, root: Path, found: _Matching, files: Reader, limits: Limits, limit: int) -> Found:
    paths = found.ordered
    items: list[Item] = []
    more = 0
    if query.values.select == "repo":
        names = names_of(root)
        items = [Item(reference=names[-1], title=names[0], excerpt=f"{len(paths)} files match.")] if paths else []
        paths = []
    named = query.values.select == "file"
    while paths and len(items) < limit:
        path = paths.pop(0)
        places = {} if named else found.places[path]
        made = _excerpts(path, places, found.cells.get(path), files) if places else _name(path, files)
        more += max(0, len(items) + len(made) - limit)
        items += made[: limit - len(items)]
    said = [f"The search was {cut}." for cut in dict.fromkeys(limits.said)]
    if more:
        said.append(f"{more} more excerpts match.")
    if paths:
        said.append(f"{len(paths)} more files match.")
    return Found("ripgrep", items, " ".join(said))


def _name(path: str, files: Reader) -> list[Item]:
    facts: Facts = {"path": path, "language": language_of(path)}
    item = Item(reference=path, title=path, excerpt=path[:EXCERPT_LIMIT], facts=facts)
    return [item] if files.readable(path) else []


def _excerpts(path: str, places: Places, cells: CodeCells | None, files: Reader) -> list[Item]:
    if cells is not None:
        return _of_cells(path, places, cells)
    text = files.text(path)
    if text is None:
        return []
    lines = text.split("\n")
    return [
        _item(f"{path}:{line}", path, first, shown(lines, first, last, places))
        for first, last, line in spans(lines, places)[:PER_FILE]
    ]


def _of_cells(path: str, places: Places, cells: CodeCells) -> list[Item]:
    items: list[Item] = []
    for first, last, line in spans(cells.lines, places)[:PER_FILE]:
        place = cells.places[line - 1]
        same = [row for row in range(first, last + 1) if cells.places[row - 1].cell == place.cell]
        excerpt = shown(cells.lines, same[0], same[-1], places)
        items.append(_item(f"{path}:cell {place.cell}:{place.line}", path, cells.places[same[0] - 1].line, excerpt))
    return items


def _item(reference: str, path: str, first: int, excerpt: str) -> Item:
    facts: Facts = {"path": path, "first_line": first, "language": language_of(path)}
    return Item(reference=reference, title=path, excerpt=excerpt, facts=facts)


def _check(query: CodeQuery, limits: Limits) -> None:
    """Have every expression read, also those that a search might never come to."""
    written = [each.pattern for each in leaves(query.expression) if isinstance(each, Content) and each.regexp]
    for each in leaves(query.expression):
        if isinstance(each, File) and not plain(each.pattern):
            written.append(expression(each.pattern))
    if len(written) > 1:
        ripgrep.in_text(b"", [Content(each, regexp=True) for each in written], limits.case, limits.left)


def _is_test(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(_TESTS.intersection(parts)) or parts[-1].startswith("test_") or "_test." in parts[-1]

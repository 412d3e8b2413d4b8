"""The embedded backend of code search: one checkout, searched by ripgrep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from nonet.errors import ToolError
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.roots import Root, Roots
from nonet.tools.sourcegraph import ripgrep
from nonet.tools.sourcegraph.excerpts import spans
from nonet.tools.sourcegraph.notebooks import CodeCells, code_cells
from nonet.tools.sourcegraph.query import LANGUAGES, CodeQuery, parse

SIZE_LIMIT = 2_000_000
NOTEBOOKS_LIMIT = 50_000_000
PER_FILE = 4
_TESTS = frozenset({"test", "tests", "testing"})


@dataclass(frozen=True)
class _Checkout:
    roots: Roots
    root: Root
    folder: str

    def accepts(self, path: str, query: CodeQuery) -> bool:
        inside = self.folder in (".", path) or path.startswith(f"{self.folder}/")
        return inside and query.accepts(path)

    def read(self, path: str) -> bytes | None:
        """Read a file, or nothing where it may not be read: a link, a pipe, an excluded or hidden file."""
        try:
            return self.roots.read(self.root, path)
        except ToolError:
            return None


def search(query: str, path: str, pattern: str, limit: int, context: ToolContext) -> Found:
    """Return excerpts around what matches, files of the product before tests.

    Raises:
        ToolError: there is no checkout, or the query is malformed.
    """
    if context.repository is None:
        raise ToolError("There is no repository to search.", "Give one with --repo.")
    wanted = parse(query)
    roots = Roots(context, [context.repository])
    folder = beneath.clean(path) if path else "."
    checkout = _Checkout(roots, roots.all[0], folder)
    items, code = _in_code(checkout, wanted, pattern == "literal")
    more, cells = _in_notebooks(checkout, wanted, pattern == "literal")
    ordered = sorted([*items, *more], key=lambda item: _is_test(item.reference))
    said = [f"The search was {cut}." for cut in dict.fromkeys((code, cells)) if cut]
    if len(ordered) > limit:
        said.append(f"{len(ordered) - limit} more excerpts match.")
    return Found("ripgrep", ordered[:limit], " ".join(said))


def _in_code(checkout: _Checkout, query: CodeQuery, literal: bool) -> tuple[list[Item], str]:
    found = ripgrep.matches(checkout.root.path, query.text, literal=literal, size_limit=SIZE_LIMIT)
    lines: dict[str, list[int]] = {}
    for match in found.found:
        if not match.path.endswith(".ipynb") and checkout.accepts(match.path, query):
            lines.setdefault(match.path, []).append(match.line)
    items: list[Item] = []
    for path, matching in lines.items():
        content = checkout.read(path)
        if content is None:
            continue
        source = content.decode("utf-8", errors="replace").split("\n")
        for first, last, line in spans(source, matching)[:PER_FILE]:
            items.append(_item(f"{path}:{line}", path, first, source[first - 1 : last]))
    return items, found.cut


def _in_notebooks(checkout: _Checkout, query: CodeQuery, literal: bool) -> tuple[list[Item], str]:
    notebooks: list[tuple[str, CodeCells]] = []
    total, cut = 0, ""
    for path in ripgrep.files(checkout.root.path):
        if not path.endswith(".ipynb") or not checkout.accepts(path, query):
            continue
        content = checkout.read(path)
        if content is None:
            continue
        total += len(content)
        if total > NOTEBOOKS_LIMIT:
            cut = f"stopped after {NOTEBOOKS_LIMIT // 1_000_000} MB of notebooks"
            break
        notebooks.append((path, code_cells(content)))
    # All cells in one stream: one search, whatever the number of notebooks.
    stream = [(path, cells, row) for path, cells in notebooks for row in range(len(cells.lines))]
    if not stream:
        return [], cut
    content = "\n".join(cells.lines[row] for _, cells, row in stream).encode("utf-8", errors="replace")
    found = ripgrep.matches_in(content, query.text, literal=literal)
    rows: dict[str, tuple[CodeCells, list[int]]] = {}
    for match in found.found:
        path, cells, row = stream[match.line - 1]
        rows.setdefault(path, (cells, []))[1].append(row + 1)
    items = [item for path, (cells, matching) in rows.items() for item in _cells(path, cells, matching)]
    return items, found.cut or cut


def _cells(path: str, cells: CodeCells, matching: Sequence[int]) -> list[Item]:
    items: list[Item] = []
    for first, last, line in spans(cells.lines, matching)[:PER_FILE]:
        place = cells.places[line - 1]
        same = [row for row in range(first, last + 1) if cells.places[row - 1].cell == place.cell]
        shown = cells.lines[same[0] - 1 : same[-1]]
        items.append(_item(f"{path}:cell {place.cell}:{place.line}", path, cells.places[same[0] - 1].line, shown))
    return items


def _item(reference: str, path: str, first: int, lines: Sequence[str]) -> Item:
    excerpt = "\n".join(lines)[:EXCERPT_LIMIT]
    facts: Facts = {"path": path, "first_line": first, "language": _language(path)}
    return Item(reference=reference, title=path, excerpt=excerpt, facts=facts)


def _language(path: str) -> str:
    suffix = PurePosixPath(path).suffix.lower()
    return next((name for name, suffixes in LANGUAGES.items() if suffix in suffixes), "")


def _is_test(reference: str) -> bool:
    parts = PurePosixPath(reference.split(":", 1)[0]).parts
    return bool(_TESTS.intersection(parts)) or parts[-1].startswith("test_") or "_test." in parts[-1]

"""What a checkout's query is asked of: its code, by ripgrep over the files; its notebooks, cell by cell; its names."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nonet.tools.sourcegraph import names, ripgrep
from nonet.tools.sourcegraph.expression import Content, Corpus, File, Language, Places
from nonet.tools.sourcegraph.notebooks import CodeCells, code_cells
from nonet.tools.sourcegraph.reading import Reader
from nonet.tools.sourcegraph.scope import Scope

NOTEBOOK = ".ipynb"
NOTEBOOKS_LIMIT = 50_000_000
"""Bytes of notebooks that one query reads."""
_NAMED_AT_ONCE = 100_000
"""Characters of paths that one command is given; more files are searched with all the others."""
# What stands in a notebook's JSON as it stands in its code. Writers escape quotes and backslashes, some escape more.
_SAME_IN_JSON = re.compile(r"[A-Za-z0-9_ .,:;()\[\]-]+")
# A root that no text begins with: what ``echo`` says of a notebook matches it, and so names the notebook.
_ROOT = "./" * 9
_NAMES_NOTEBOOKS = ("--pre=echo", f"--pre-glob=*{NOTEBOOK}", rf"--regexp=^(\./){{{len(_ROOT) // 2}}}")


@dataclass
class Limits:
    """Whether case counts, when the search ends, and which limits cut it short."""

    case: bool
    seconds: float
    said: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Start the time."""
        self._ends = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Seconds left, never none: a search that begins late ends by its own limit."""
        return max(0.1, self._ends - time.monotonic())

    def cut(self, how: str) -> None:
        """Note that a limit ended something."""
        if how:
            self.said.append(how)


class _Searched(Corpus):
    """What the corpora share: names are decided by one engine."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def accepted(self, test: File | Language, paths: Iterable[str]) -> set[str]:
        return names.accepted(test, paths, self.limits.case, self.limits.left)


class Code(_Searched):
    """The files of a scope but notebooks.

    ``notebooks`` are those that this search met and that may satisfy it: one walk serves both.
    """

    def __init__(self, scope: Scope, limits: Limits) -> None:
        super().__init__(limits)
        self._scope = scope
        self._listed: list[str] | None = None
        self.notebooks: set[str] = set()

    def matching(self, patterns: Sequence[Content], within: Iterable[str] | None) -> Mapping[str, Places]:
        """Search the files, all of them or some."""
        if within is None:
            return self._anywhere(patterns)
        paths = [f"./{path}" for path in within]
        if not paths:
            return {}
        if sum(map(len, paths)) > _NAMED_AT_ONCE:
            found = self._anywhere(patterns)
            return {path: found[path] for path in within if path in found}
        return self._searched(patterns, ("--no-messages",), paths, "./", b"")

    def listed(self) -> Iterable[str]:
        """The paths of the files, notebooks left out; they are met on the way."""
        if self._listed is None:
            found = ripgrep.listed(self._scope.root, self._scope.options, self._scope.rules, self.limits.left)
            self.limits.cut(found.cut)
            paths = [path.removeprefix("./") for path in found.files]
            admitted = [path for path in paths if self._scope.admits(path)]
            self.notebooks.update(path for path in admitted if path.endswith(NOTEBOOK))
            self._listed = [path for path in admitted if not path.endswith(NOTEBOOK)]
        return self._listed

    def _anywhere(self, patterns: Sequence[Content]) -> dict[str, Places]:
        options, root = self._scope.options, "./"
        if not all(not each.regexp and _SAME_IN_JSON.fullmatch(each.pattern) for each in patterns):
            options, root = (*options, *_NAMES_NOTEBOOKS), _ROOT
        found = self._searched(patterns, options, [root], root, self._scope.rules)
        self.notebooks.update(path for path in found if path.endswith(NOTEBOOK))
        return {path: places for path, places in found.items() if not path.endswith(NOTEBOOK)}

    def _searched(
        self, patterns: Sequence[Content], options: Sequence[str], paths: Sequence[str], root: str, rules: bytes
    ) -> dict[str, Places]:
        options = [*ripgrep.casing(self.limits.case), *options]
        found = ripgrep.in_files(self._scope.root, patterns, options, paths, rules, self.limits.left)
        self.limits.cut(found.cut)
        named = {path.removeprefix(root): places for path, places in found.files.items() if path.startswith(root)}
        return {path: places for path, places in named.items() if self._scope.admits(path)}


class Notebooks(_Searched):
    """The code cells of some notebooks; places are rows of ``CodeCells``."""

    def __init__(self, paths: Iterable[str], reader: Reader, limits: Limits) -> None:
        super().__init__(limits)
        self.cells: dict[str, CodeCells] = {}
        total = 0
        for path in sorted(paths):
            content = reader.content(path)
            total += len(content or b"")
            if total > NOTEBOOKS_LIMIT:
                limits.cut(f"stopped after {NOTEBOOKS_LIMIT // 1_000_000} MB of notebooks")
                break
            if content is not None:
                self.cells[path] = code_cells(content)
        self._rows = [(path, row) for path, cells in self.cells.items() for row in range(1, len(cells.lines) + 1)]
        lines = (line for cells in self.cells.values() for line in cells.lines)
        self._text = "\n".join(lines).encode("utf-8", errors="replace")

    def matching(self, patterns: Sequence[Content], within: Iterable[str] | None) -> Mapping[str, Places]:
        """Search the cells: rows that match, by notebook."""
        counted = self.cells.keys() if within is None else set(within)
        found: dict[str, Places] = {}
        if not counted or not self._rows:
            return found
        # All cells in one text: one search, whatever the number of notebooks.
        for line, column in ripgrep.in_text(self._text, patterns, self.limits.case, self.limits.left).items():
            path, row = self._rows[line - 1]
            if path in counted:
                found.setdefault(path, {})[row] = column
        return found

    def listed(self) -> Iterable[str]:
        """The paths of the notebooks."""
        return list(self.cells)


class Names(_Searched):
    """The paths of a scope, in which terms are looked for instead of contents."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.limits)
        self._code = code

    def matching(self, patterns: Sequence[Content], within: Iterable[str] | None) -> Mapping[str, Places]:
        """Search the paths; a name has no places."""
        paths = list(self.listed() if within is None else within)
        written = "|".join(f"(?:{each.pattern if each.regexp else re.escape(each.pattern)})" for each in patterns)
        return {path: {} for path in names.matching_names(paths, written, self.limits.case, self.limits.left)}

    def listed(self) -> Iterable[str]:
        """All paths, those of notebooks too."""
        return [*self._code.listed(), *self._code.notebooks]

"""What is nowhere in a repository: the remedies whose absence a rule speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from nonet.errors import ToolError
from nonet.tools.filesystem.roots import Entry, Roots
from nonet.tools.semgrep.pack import Evidence, Rule
from nonet.tools.sourcegraph.notebooks import code_cells

_TEXT = (".py", ".pyi", ".ipynb", ".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".txt", ".sh", ".tf")
_NAMED = ("makefile", "dockerfile")
_LARGEST = 1_000_000
_LINE = 2_000
"""Characters of a line that are looked at: more, and an expression could take its time over one."""


def shown(rules: Sequence[Rule], roots: Roots) -> tuple[set[str], bool]:
    """Return the rules (by name) whose remedy shows somewhere beneath the roots, and whether every file was read."""
    wanting = {rule.id: rule.absent or () for rule in rules}
    found: set[str] = set()
    whole = True
    for entry in roots.files():
        open_rules = {name: absent for name, absent in wanting.items() if name not in found}
        if not open_rules:
            break
        if not _counts(entry):
            continue
        if entry.size > _LARGEST:
            whole = False
            continue
        try:
            lines = _lines(entry, roots.read(entry.root, entry.relative))
        except ToolError:
            whole = False
            continue
        found |= {name for name, absent in open_rules.items() if any(_shows(each, entry, lines) for each in absent)}
    return found, whole


def _counts(entry: Entry) -> bool:
    path = PurePosixPath(entry.relative)
    return path.suffix.lower() in _TEXT or path.name.lower().startswith(_NAMED)


def _lines(entry: Entry, content: bytes) -> list[str]:
    if entry.relative.endswith(".ipynb"):
        return list(code_cells(content).lines)
    return [line[:_LINE] for line in content.decode("utf-8", errors="replace").splitlines()]


def _shows(evidence: Evidence, entry: Entry, lines: Iterable[str]) -> bool:
    if evidence.imported:
        if not entry.relative.endswith((".py", ".pyi", ".ipynb")):
            return False
        name = re.escape(evidence.imported)
        expression = re.compile(rf"^\s*(from\s+{name}(\.\S+)?\s+import\b|import\s+([\w. ,]+,\s*)?{name}(\.\w+)*\b)")
    else:
        expression = re.compile(evidence.regex)
    return any(expression.search(line) for line in lines)

"""What is nowhere in a repository: the remedies whose absence a rule speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from nonet.errors import ToolError
from nonet.tools.filesystem.roots import Entry, Roots
from nonet.tools.semgrep.pack import Evidence, Rule
from nonet.tools.semgrep.staging import files
from nonet.tools.sourcegraph.notebooks import code_cells

_PYTHON = (".py", ".pyi", ".ipynb")
_SETTINGS = (".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".txt", ".sh", ".tf")
_NAMED = ("makefile", "dockerfile")
_LARGEST = 1_000_000
"""Bytes; what is larger is data, no code and no configuration."""
_LINE = 2_000
"""Characters of a line that are looked at: more, and an expression could take its time over one."""
_FROM = re.compile(r"\s*from\s+(?P<module>[\w.]+)\s+import\b(?P<names>.*)")
_IMPORT = re.compile(r"\s*import\s+(?P<modules>.+)")


def shown(rules: Sequence[Rule], roots: Roots) -> tuple[set[str], bool]:
    """Return the rules (by name) whose remedy shows somewhere beneath the roots, and whether every file was read."""
    wanting = {rule.id: [_sign(each) for each in rule.absent or ()] for rule in rules}
    found: set[str] = set()
    whole = True
    for entry in files(roots, suffixes=("",)):
        if len(found) == len(wanting):
            break
        if not _counts(entry):
            continue
        try:
            lines = _lines(entry, roots.read(entry.root, entry.relative))
        except ToolError:
            whole = False
            continue
        python = entry.relative.endswith(_PYTHON)
        imported = set(_imported(lines)) if python else set[str]()
        found |= {
            name
            for name, signs in wanting.items()
            if name not in found and any(sign(lines, imported) for sign in signs)
        }
    return found, whole and not roots.left_out


def _counts(entry: Entry) -> bool:
    name = PurePosixPath(entry.relative).name.lower()
    if name.endswith(".ipynb"):
        return True  # its outputs may be large, its code is not
    return entry.size <= _LARGEST and (name.endswith((*_PYTHON, *_SETTINGS)) or name.startswith(_NAMED))


def _lines(entry: Entry, content: bytes) -> list[str]:
    lines = (
        code_cells(content).lines if entry.relative.endswith(".ipynb") else content.decode(errors="replace").split("\n")
    )
    return [line[:_LINE] for line in lines]


def _sign(evidence: Evidence) -> Callable[[Iterable[str], set[str]], bool]:
    """Return what tells whether some lines, which import some modules, show a remedy."""
    if evidence.imported:
        return lambda lines, imported: evidence.imported in imported
    expression = re.compile(evidence.regex)
    return lambda lines, imported: any(expression.search(line) for line in lines)


def _imported(lines: Iterable[str]) -> Iterator[str]:
    """Yield every module that lines import, and the packages that it lies in."""
    for line in lines:
        names: list[str] = []
        if match := _FROM.match(line):
            parts = match["names"].partition("#")[0].strip(" ()\\\r").split(",")
            names = [match["module"], *(f"{match['module']}.{part.split()[0]}" for part in parts if part.strip())]
        elif match := _IMPORT.match(line):
            names = [part.split()[0] for part in match["modules"].partition("#")[0].split(",") if part.strip()]
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))

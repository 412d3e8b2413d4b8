"""One scan: files copied, Semgrep run over all of them, rules by absence settled over the repository."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nonet.tools.contract import ToolContext
from nonet.tools.filesystem.roots import Roots
from nonet.tools.semgrep import absence, engine
from nonet.tools.semgrep.findings import Finding, findings
from nonet.tools.semgrep.pack import Rule
from nonet.tools.semgrep.staging import Source, files, stage

_NAMED = 3


@dataclass(frozen=True)
class Scanned:
    """What was found in how many files, and what is to be said of it."""

    findings: list[Finding]
    files: int
    note: str


def scan(path: str, rules: Sequence[Rule], context: ToolContext) -> Scanned:
    """Scan the Python files and notebooks beneath a path ("" for all roots).

    Raises:
        ToolError: the path lies beneath no root, or Semgrep is not there or fails.
    """
    roots = Roots(context, _apart([*([context.repository] if context.repository else []), *context.roots]))
    with tempfile.TemporaryDirectory(prefix="nonet-semgrep-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        staged = stage(roots, files(roots, path), folder)
        said = [roots.left_out, staged.note()]
        if not staged.sources:
            return Scanned([], 0, _joined("There is no Python file to scan.", *said))
        bodies = [rule.body for rule in rules]
        scanned = engine.scan(context.settings, bodies, staged.batches, folder, engine.SECONDS)
    found = findings(scanned.matches, {rule.id: rule for rule in rules}, staged.sources)
    said += _shortfalls(scanned, staged.sources)
    kept, note = _settled(found, roots)
    count = len(staged.sources) - len(scanned.late) - len(scanned.failed)
    return Scanned(kept, count, _joined(*said, note))


def _apart(folders: Sequence[Path]) -> list[Path]:
    """Return the folders that lie in none of the others, so that no file is scanned twice."""
    whole = list(dict.fromkeys(Path(os.path.abspath(each)) for each in folders))
    return [each for each in whole if not any(other in each.parents for other in whole)]


def _shortfalls(scanned: engine.Scan, sources: dict[str, Source]) -> list[str]:
    """Say which files were scanned in part or not at all."""
    said: list[str] = []
    for copies, what in (
        (scanned.partly, "Could not be parsed whole"),
        (scanned.slow, "Some rule took more than its time or memory on"),
        (scanned.failed, "Left out, for Semgrep ended on them"),
        (scanned.late, f"Not scanned within {engine.SECONDS:g} s"),
    ):
        names = [sources[copy].name for copy in sorted(copies)]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        if names:
            said.append(f"{what}: {', '.join(names[:_NAMED])}{more}.")
    return said


def _settled(found: list[Finding], roots: Roots) -> tuple[list[Finding], str]:
    """Drop what a remedy elsewhere in the repository answers; of a rule by absence each file's first place stays."""
    rules = {each.rule.id: each.rule for each in found if each.rule.absent is not None}
    if not rules:
        return found, ""
    silenced, whole = absence.shown(list(rules.values()), roots)
    kept: list[Finding] = []
    told: set[tuple[str, str]] = set()
    for each in found:
        if each.rule.absent is None:
            kept.append(each)
        elif whole and each.rule.id not in silenced and (each.rule.id, each.source.name) not in told:
            told.add((each.rule.id, each.source.name))
            kept.append(each)
    return kept, "" if whole else "Rules by absence say nothing: some files could not be looked at."


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))

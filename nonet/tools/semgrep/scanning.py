"""One scan: files copied, one run of Semgrep over all of them, rules by absence settled over the repository."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nonet.tools.contract import ToolContext
from nonet.tools.filesystem.roots import Roots
from nonet.tools.semgrep import absence, engine
from nonet.tools.semgrep.findings import Finding, findings
from nonet.tools.semgrep.pack import Rule
from nonet.tools.semgrep.staging import python_files, stage


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
    folders = [*context.roots, *([context.repository] if context.repository else [])]
    roots = Roots(context, list(dict.fromkeys(folders)))
    with tempfile.TemporaryDirectory(prefix="nonet-semgrep-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        staged = stage(roots, list(python_files(roots, path)), folder)
        if not staged.sources:
            return Scanned([], 0, " ".join(filter(None, ("There is no Python file to scan.", staged.note()))))
        results, unread = engine.scan(context.settings, [rule.body for rule in rules], folder)
    found = findings(results, {rule.id: rule for rule in rules}, staged.sources)
    said = [staged.note()]
    if unread:
        said.append(f"{len(unread)} files could not be parsed whole.")
    kept, note = _settled(found, roots)
    return Scanned(kept, len(staged.sources), " ".join(filter(None, [*said, note])))


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

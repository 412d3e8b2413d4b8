"""``semgrep_scan``: faults of machine-learning code."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Literal

from pydantic import Field, field_validator

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.semgrep import pack, program
from nonet.tools.semgrep.patch import patch
from nonet.tools.semgrep.sarif import sarif
from nonet.tools.semgrep.scanning import Scanned, scan


class SemgrepScanArguments(Arguments):
    """What to scan, and what for."""

    path: str = Field(
        default="", max_length=1000, description="Folder or file to scan; empty for all that may be read."
    )
    families: list[str] = Field(
        default=[], description="Families of rules, such as data-leakage or loss; empty for all."
    )
    rules: list[str] = Field(default=[], description="Names of rules; empty for all of the families.")
    severity: Literal["high", "medium", "low"] = Field(default="low", description="The least severity that is told.")
    output: Literal["findings", "patch", "sarif"] = Field(
        default="findings",
        description="Findings one by one; or the fixes that rules know as a unified patch; or all as SARIF 2.1.0.",
    )
    max_results: int = Field(default=50, ge=1, le=1000, description="Findings to return at most, the severest first.")

    @field_validator("families", "rules", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        """On a command line several stand apart by commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class SemgrepScan(Tool[SemgrepScanArguments]):
    """The tool. It runs Semgrep with Nonet's own rule pack; no file of the user's is changed."""

    name = "semgrep_scan"
    service = "semgrep"
    description = (
        "Scan Python files and notebooks (by cell) for faults of machine-learning code: leakage, wrong losses, missing "
        "validation, unsafe loading, skew between training and serving. Each finding: rule, severity, why, line, fix."
    )
    Arguments = SemgrepScanArguments
    readying = program.READYING

    def unready(self, context: ToolContext) -> str:
        """Whether Semgrep's own environment is prepared."""
        return "" if program.program(context.settings) else "Semgrep's own environment is not prepared"

    async def find(self, arguments: SemgrepScanArguments, context: ToolContext) -> Found:
        """Scan in a thread, within its own limits."""
        rules = pack.chosen(arguments.families, arguments.rules, arguments.severity)
        scanned = await asyncio.to_thread(scan, arguments.path, rules, context)
        if arguments.output == "findings":
            return _found(scanned, arguments.max_results)
        if arguments.output == "patch":
            text, left_out = patch(scanned.findings)
            return _document(scanned, "patch", text, left_out or ("" if text else "No finding has a fix."))
        from nonet import __version__

        return _document(scanned, "sarif", json.dumps(sarif(scanned.findings, __version__), indent=1), "")


def _found(scanned: Scanned, most: int) -> Found:
    items = [each.item() for each in scanned.findings[:most]]
    rest = len(scanned.findings) - len(items)
    return Found("semgrep", items, _note(scanned, f"The first {most} are shown, not {rest} more." if rest else ""))


def _document(scanned: Scanned, what: str, text: str, said: str) -> Found:
    """One item: the text as it is among the facts, its beginning as the excerpt."""
    items = [
        Item(
            reference=f"semgrep:{what}",
            title=f"{what} of {len(scanned.findings)} findings",
            excerpt=text[:EXCERPT_LIMIT],
            facts={"document": text},
        )
    ]
    return Found("semgrep", items if text else [], _note(scanned, said))


def _note(scanned: Scanned, said: str) -> str:
    counted = Counter(each.rule.about.severity_level for each in scanned.findings)
    told = ", ".join(f"{counted[level]} {level}" for level in pack.LEVELS if counted[level]) or "nothing"
    return " ".join(filter(None, (f"Files scanned: {scanned.files}; found: {told}.", scanned.note, said)))

"""``semgrep_scan``: faults of machine-learning code."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Literal

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Found, Item, Tool, ToolContext
from nonet.tools.semgrep import engine, pack
from nonet.tools.semgrep.findings import patch, sarif
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


class SemgrepScan(Tool[SemgrepScanArguments]):
    """The tool. It runs Semgrep with Nonet's own rule pack; no file of the user's is changed."""

    name = "semgrep_scan"
    service = "semgrep"
    description = (
        "Scan Python files and notebooks (by cell) for faults of machine-learning code: leakage, wrong losses, missing "
        "validation, unsafe loading, skew between training and serving. Each finding: rule, severity, why, line, fix."
    )
    Arguments = SemgrepScanArguments
    readying = engine.READYING

    def unready(self, context: ToolContext) -> str:
        """Whether Semgrep's own environment is prepared."""
        return "" if engine.program(context.settings) else "Semgrep's own environment is not prepared"

    async def find(self, arguments: SemgrepScanArguments, context: ToolContext) -> Found:
        """Scan in a thread, within its own limits."""
        rules = pack.chosen(arguments.families, arguments.rules, arguments.severity)
        scanned = await asyncio.to_thread(scan, arguments.path, rules, context)
        if arguments.output == "findings":
            return _found(scanned, arguments.max_results)
        if arguments.output == "patch":
            return _text(scanned, "patch", patch(scanned.findings))
        from nonet import __version__

        return _text(scanned, "sarif", json.dumps(sarif(scanned.findings, __version__)))


def _found(scanned: Scanned, most: int) -> Found:
    counted = Counter(each.rule.about.severity_level for each in scanned.findings)
    told = ", ".join(f"{counted[level]} {level}" for level in pack.LEVELS if counted[level]) or "nothing"
    said = [f"{scanned.files} files scanned: {told}.", scanned.note]
    if len(scanned.findings) > most:
        said.append(f"The first {most} are shown.")
    items = [each.item() for each in scanned.findings[:most]]
    return Found("semgrep", items, " ".join(filter(None, said)))


def _text(scanned: Scanned, what: str, text: str) -> Found:
    """A long text comes in parts, to be put together again."""
    cut = [text[start : start + EXCERPT_LIMIT] for start in range(0, len(text), EXCERPT_LIMIT)]
    items = [
        Item(reference=f"semgrep:{what}#{number}", title=f"{what}, part {number} of {len(cut)}", excerpt=part)
        for number, part in enumerate(cut, start=1)
    ]
    return Found("semgrep", items, scanned.note or ("" if items else "No rule that found something knows a fix."))

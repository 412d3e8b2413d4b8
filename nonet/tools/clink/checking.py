"""What a tool can check of evidence: a line and what stands on it, a name in an API, a rule that fires.

References come from models: they are looked up by the tools' own rules and lead nowhere that the tools may not read.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import Literal

from nonet.errors import ToolError
from nonet.tools.clink.claims import Evidence
from nonet.tools.contract import ToolContext
from nonet.tools.filesystem.roots import Roots

Mark = Literal["checked", "refuted", "unchecked"]
_LINE = re.compile(r"(?P<path>[^\n]+?):(?P<line>\d{1,7})")
_VERSION = re.compile(r"(?P<library>[A-Za-z0-9][\w.-]{0,99})@(?P<version>\d[\w.+!-]{0,49})")
_NAME = re.compile(r"[A-Za-z_][\w.]*")


@dataclass(frozen=True)
class Checked:
    """One piece of evidence, and what a tool found of it; ``said`` is why."""

    evidence: Evidence
    mark: Mark
    said: str


async def check(evidence: Evidence, context: ToolContext) -> Checked:
    """Check a piece of evidence."""
    place, version = _LINE.fullmatch(evidence.reference), _VERSION.fullmatch(evidence.reference)
    try:
        if evidence.rule and place:
            mark, said = await _fires(evidence.rule, place["path"], int(place["line"]), context)
        elif version:
            mark, said = await _exists(version["library"], version["version"], evidence.quote, context)
        elif place:
            mark, said = await _stands(place["path"], int(place["line"]), evidence.quote, context)
        else:
            mark, said = "unchecked", "no tool checks a reference of this form"
    except ToolError as error:
        mark, said = "refuted", error.message
    except OSError as error:
        mark, said = "unchecked", error.strerror or str(error)
    return Checked(evidence, mark, said)


async def _stands(path: str, line: int, quote: str, context: ToolContext) -> tuple[Mark, str]:
    from nonet.tools.filesystem.read_file import ReadFile, ReadFileArguments

    if line < 1:
        return "refuted", "lines are counted from 1"
    if not context.roots:
        return "unchecked", "there is no folder to read"
    found = await ReadFile().find(ReadFileArguments(path=path, first_line=line, lines=1), context)
    if not found.items:
        return "refuted", f"there is no line {line}"
    # From line 1 on the tool may add what a configuration says; the line itself is the excerpt's first.
    stands = _flat(found.items[0].excerpt.split("\n")[0])
    wanted = _flat(quote)
    if not wanted:
        return "unchecked", "the line exists, but nothing is quoted of it"
    if wanted in stands:
        return "checked", "the line exists and says what is quoted"
    return "refuted", f"line {line} says something else"


async def _exists(library: str, version: str, name: str, context: ToolContext) -> tuple[Mark, str]:
    from nonet.tools.context7.installed import find
    from nonet.tools.context7.query import Query, QueryArguments

    installed = await asyncio.to_thread(find, library, context.environment)
    if installed is None:
        return "unchecked", f"{library} is not installed here"
    actual = installed.reference.rpartition("@")[2]
    if actual != version:
        return "unchecked", f"{actual} is installed here"
    wanted = name.strip().removesuffix("()").strip("`")
    if not _NAME.fullmatch(wanted):
        return "unchecked", "the version exists, but the quote is no name of its API"
    settings = context.settings
    local = settings.model_copy(update={"backends": {**settings.backends, "context7": "embedded"}, "mcp": {}})
    arguments = QueryArguments(library=library, query=wanted, max_results=20)
    try:
        result = await Query().call(arguments, replace(context, settings=local))
    except ToolError as error:  # a tool that fails refutes nothing
        return "unchecked", error.message
    last = wanted.rpartition(".")[2]
    if any(last in re.findall(r"\w+", item.title.partition(" (")[0]) for item in result.items):
        return "checked", f"{library} {version} has {wanted}"
    return "refuted", f"{library} {version} shows no {wanted}"


async def _fires(rule: str, path: str, line: int, context: ToolContext) -> tuple[Mark, str]:
    from nonet.tools.semgrep import pack
    from nonet.tools.semgrep.semgrep_scan import SemgrepScan, SemgrepScanArguments

    scanner = SemgrepScan()
    lack = scanner.unready(context)
    if lack:
        return "unchecked", lack
    try:
        pack.chosen((), [rule], "low")
    except ToolError:
        return "refuted", f"the rule pack has no rule {rule!r}"
    await asyncio.to_thread(Roots(context).locate, path)
    try:
        found = await scanner.find(SemgrepScanArguments(path=path, rules=[rule], max_results=1000), context)
    except ToolError as error:  # a tool that fails refutes nothing
        return "unchecked", error.message
    lines = [item.reference.rpartition(":")[2] for item in found.items]
    if str(line) in lines:
        return "checked", f"the rule {rule} fires there"
    return "refuted", f"the rule {rule} does not fire on line {line}"


def _flat(text: str) -> str:
    return " ".join(text.split())

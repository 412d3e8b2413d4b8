"""Findings as SARIF 2.1.0, an OASIS standard that code hosts and editors read."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from nonet.state import Json
from nonet.tools.semgrep.engine import Position
from nonet.tools.semgrep.findings import Finding
from nonet.tools.semgrep.pack import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"high": "error", "medium": "warning", "low": "note"}


def sarif(found: Sequence[Finding], version: str) -> dict[str, Json]:
    """Return a SARIF log of one run; columns count code points, paths are relative to what was scanned."""
    rules = {each.rule.id: each.rule for each in found}
    numbers = {name: number for number, name in enumerate(rules)}
    driver: Json = {
        "name": "nonet",
        "semanticVersion": version,
        "rules": [_rule(rule) for rule in rules.values()],
    }
    results: list[Json] = [_result(each, numbers[each.rule.id]) for each in found]
    run: Json = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Json:
    about = rule.about
    described: dict[str, Json] = {
        "id": rule.id,
        "shortDescription": {"text": " ".join(rule.message.split())},
        "fullDescription": {"text": about.why},
        "help": {"text": f"{about.fix_hint} {about.reference}"},
        "defaultConfiguration": {"level": _LEVELS[about.severity_level]},
        "properties": {"tags": [about.family, *filter(None, [about.anti_pattern])]},
    }
    return {**described, "helpUri": about.reference} if about.reference.startswith("https://") else described


def _result(found: Finding, number: int) -> Json:
    place, artifact = found.source.place(found.first), {"uri": quote(found.source.path)}
    result: dict[str, Json] = {
        "ruleId": found.rule.id,
        "ruleIndex": number,
        "level": _LEVELS[found.rule.about.severity_level],
    }
    if place is not None:
        # A notebook's lines are those of its JSON: the cell is told in words, and by name.
        where = f"cell {place.cell}, line {place.line}"
        location: Json = {
            "physicalLocation": {"artifactLocation": artifact},
            "logicalLocations": [{"name": f"cell {place.cell}", "fullyQualifiedName": where}],
        }
        return {**result, "message": {"text": f"{found.message} ({where})"}, "locations": [location]}
    region: Json = {
        "startLine": found.first,
        "startColumn": _column(found, found.start),
        "endLine": found.last,
        "endColumn": _column(found, found.end),
    }
    result["message"] = {"text": found.message}
    result["locations"] = [{"physicalLocation": {"artifactLocation": artifact, "region": region}}]
    if found.fix is not None:
        change: Json = {"deletedRegion": region, "insertedContent": {"text": found.fix}}
        changes: Json = [{"artifactLocation": artifact, "replacements": [change]}]
        result["fixes"] = [{"description": {"text": found.rule.about.fix_hint}, "artifactChanges": changes}]
    return result


def _column(found: Finding, position: Position) -> int:
    """A column in code points, from 1, of one in bytes."""
    content = found.source.content
    start = content.rfind(b"\n", 0, position.offset) + 1
    return len(content[start : position.offset].decode("utf-8", errors="replace")) + 1

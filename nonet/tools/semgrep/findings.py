"""Findings: a rule at a place, why it matters, and what to do; as items, as a patch, as SARIF."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nonet.state import Json
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Item
from nonet.tools.semgrep.pack import LEVELS, Rule
from nonet.tools.semgrep.staging import Source

_AROUND = 2
_SARIF_LEVELS = {"high": "error", "medium": "warning", "low": "note"}


@dataclass(frozen=True)
class Finding:
    """A rule that matches lines ``first`` to ``last`` of a source (from 1; columns too).

    Attributes:
        fix: what would stand in place of the match, where the rule knows.
    """

    rule: Rule
    source: Source
    first: int
    last: int
    columns: tuple[int, int]
    fix: str | None = None

    @property
    def reference(self) -> str:
        """Where it is."""
        return self.source.reference(self.first)

    def item(self) -> Item:
        """Return it as an item: the lines around it, and what there is to know as facts."""
        about = self.rule.about
        begin, end = max(1, self.first - _AROUND), min(len(self.source.lines), self.last + _AROUND)
        excerpt = "\n".join(self.source.lines[begin - 1 : end])[:EXCERPT_LIMIT]
        facts: Facts = {
            "rule": self.rule.id,
            "family": about.family,
            "severity": about.severity_level,
            "message": " ".join(self.rule.message.split()),
            "why": about.why,
            "fix": about.fix_hint,
            "reference": about.reference,
            "anti_pattern": about.anti_pattern,
            "path": self.source.name,
            "line": self.first,
            "code": self.source.lines[self.first - 1].strip()[:500],
        }
        title = f"{about.severity_level}: {' '.join(self.rule.message.split())}"
        return Item(reference=self.reference, title=title, excerpt=excerpt, facts=facts)


def findings(
    results: Iterable[Mapping[str, Any]], rules: Mapping[str, Rule], sources: Mapping[str, Source]
) -> list[Finding]:
    """Read Semgrep's results: each place of a rule once, the severest first, then by file and line."""
    found: dict[tuple[str, str, int], Finding] = {}
    for result in results:
        source = sources[result["path"].rsplit("/", 1)[-1]]
        start, end = result["start"], result["end"]
        rule = rules[result["check_id"].rsplit(".", 1)[-1]]
        columns = start["col"], end["col"]
        made = Finding(rule, source, start["line"], end["line"], columns, result["extra"].get("fix"))
        found.setdefault((rule.id, source.name, made.first), made)
    order = {level: number for number, level in enumerate(LEVELS)}
    return sorted(
        found.values(),
        key=lambda each: (order[each.rule.about.severity_level], each.source.name, each.first, each.rule.id),
    )


def patch(found: Sequence[Finding]) -> str:
    """Return a unified patch of the fixes that rules know; those that overlap, and notebooks, are left out."""
    by_source: dict[str, list[Finding]] = defaultdict(list)
    for each in found:
        if each.fix is not None and not each.source.places:
            by_source[each.source.name].append(each)
    parts: list[str] = []
    for name, fixes in sorted(by_source.items()):
        before = list(fixes[0].source.lines)
        after = _fixed(before, fixes)
        parts += difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="")
    return "\n".join(parts) + ("\n" if parts else "")


def _fixed(lines: Sequence[str], fixes: Sequence[Finding]) -> list[str]:
    text = "\n".join(lines)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    spans = sorted(
        (starts[each.first - 1] + each.columns[0] - 1, starts[each.last - 1] + each.columns[1] - 1, each.fix or "")
        for each in fixes
    )
    made, reached = "", 0
    for start, end, fix in spans:
        if start >= reached:
            made, reached = made + text[reached:start] + fix, end
    return (made + text[reached:]).split("\n")


def sarif(found: Sequence[Finding], version: str) -> dict[str, Json]:
    """Return the findings as a SARIF 2.1.0 log (OASIS standard), for code hosts and editors."""
    rules = {each.rule.id: each.rule for each in found}
    described: list[Json] = [
        {
            "id": rule.id,
            "shortDescription": {"text": " ".join(rule.message.split())},
            "fullDescription": {"text": rule.about.why},
            "help": {"text": f"{rule.about.fix_hint} {rule.about.reference}"},
            "defaultConfiguration": {"level": _SARIF_LEVELS[rule.about.severity_level]},
            "properties": {"tags": [rule.about.family, *filter(None, [rule.about.anti_pattern])]},
        }
        for rule in rules.values()
    ]
    results: list[Json] = [
        {
            "ruleId": each.rule.id,
            "level": _SARIF_LEVELS[each.rule.about.severity_level],
            "message": {"text": " ".join(each.rule.message.split())},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": each.source.name},
                        "region": {"startLine": each.first, "endLine": each.last,
                                   "startColumn": each.columns[0], "endColumn": each.columns[1]},
                    }
                }
            ],
        }
        for each in found
    ]  # fmt: skip
    driver: Json = {"name": "nonet", "semanticVersion": version, "rules": described}
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}

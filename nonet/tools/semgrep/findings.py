"""Findings: a rule at a place, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from nonet.tools.contract import EXCERPT_LIMIT, Facts, Item
from nonet.tools.semgrep.engine import Match, Position
from nonet.tools.semgrep.pack import LEVELS, Rule
from nonet.tools.semgrep.staging import Source

_AROUND = 2
_SHOWN = 12
_WIDTH = 200
_TESTS = frozenset({"test", "tests", "testing"})


@dataclass(frozen=True)
class Finding:
    """A rule that matches a source from ``start`` to ``end``, which is just behind it.

    Attributes:
        fix: what would stand in place of the match, where the rule knows.
    """

    rule: Rule
    source: Source
    start: Position
    end: Position
    fix: str | None = None

    @property
    def first(self) -> int:
        """Its first line, from 1; of a notebook counted over all code cells."""
        return self.start.line

    @property
    def last(self) -> int:
        """Its last line."""
        return self.end.line

    @property
    def reference(self) -> str:
        """Where it is."""
        return self.source.reference(self.first)

    @property
    def message(self) -> str:
        """What is wrong, as one line."""
        return " ".join(self.rule.message.split())

    def item(self) -> Item:
        """Return it as an item: the lines around it, what it means, and all of it as facts."""
        about, place = self.rule.about, self.source.place(self.first)
        facts: Facts = {
            "rule": self.rule.id,
            "family": about.family,
            "severity": about.severity_level,
            "message": self.message,
            "why": about.why,
            "fix": about.fix_hint,
            "reference": about.reference,
            "anti_pattern": about.anti_pattern,
            "path": self.source.name,
            "line": place.line if place else self.first,
            "last_line": self._last_line,
            "cell": place.cell if place else None,
            "code": self.source.lines[self.first - 1].strip()[:500],
            "replacement": self.fix,
        }
        title = f"{about.severity_level}: {self.message} ({self.rule.id})"
        meaning = f"Why: {about.why}\nFix: {about.fix_hint}\nSee: {about.reference}"
        code = self._code()[: EXCERPT_LIMIT - len(meaning) - 2]
        return Item(reference=self.reference, title=title, excerpt=f"{code}\n\n{meaning}", facts=facts)

    @property
    def _last_line(self) -> int:
        """The last line within the file, or within the cell in which the match begins."""
        if not self.source.places:
            return self.last
        cell = self.source.places[self.first - 1].cell
        same = [row for row in range(self.first, self.last + 1) if self.source.places[row - 1].cell == cell]
        return self.source.places[same[-1] - 1].line

    def _code(self) -> str:
        """The lines of the match and some around it, with their numbers; of a notebook those of the cell."""
        places, lines = self.source.places, self.source.lines
        rows = range(max(1, self.first - _AROUND), min(len(lines), self.last + _AROUND, self.first + _SHOWN) + 1)
        if not places:
            return "\n".join(f"{row}: {lines[row - 1][:_WIDTH]}" for row in rows)
        cell = places[self.first - 1].cell
        same = [row for row in rows if places[row - 1].cell == cell]
        return "\n".join(f"{places[row - 1].line}: {lines[row - 1][:_WIDTH]}" for row in same)


def findings(matches: Iterable[Match], rules: Mapping[str, Rule], sources: Mapping[str, Source]) -> list[Finding]:
    """Read Semgrep's results: a rule once a line; the severest first, the product before its tests, then by place."""
    found: dict[tuple[str, str, int], Finding] = {}
    for match in sorted(matches, key=lambda each: (each.start.offset, each.end.offset)):
        source, rule = sources[PurePosixPath(match.path).name], rules[match.check_id.rpartition(".")[2]]
        made = Finding(rule, source, match.start, match.end, match.extra.fix)
        found.setdefault((rule.id, source.name, made.first), made)
    order = {level: number for number, level in enumerate(LEVELS)}
    return sorted(
        found.values(),
        key=lambda each: (
            order[each.rule.about.severity_level],
            _is_test(each.source.path),
            each.source.name,
            each.first,
            each.rule.id,
        ),
    )


def _is_test(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(_TESTS.intersection(pure.parts)) or pure.name.startswith("test_") or pure.stem.endswith("_test")

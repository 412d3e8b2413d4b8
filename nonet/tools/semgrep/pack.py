"""The rule pack: package data in ``configs/semgrep/``, one rule a file; its README says what a file must hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from nonet import configs
from nonet.errors import ToolError

FOLDER = "semgrep"
ABSENCE = "absence"
Level = Literal["high", "medium", "low"]
LEVELS: Sequence[Level] = ("high", "medium", "low")


class About(BaseModel):
    """What a finding says beside its place."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    family: str
    severity_level: Level
    why: str
    fix_hint: str
    reference: str
    anti_pattern: str = ""


class Evidence(BaseModel):
    """One thing that shows a remedy: an import, or a line that matches."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    imported: str = ""
    regex: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        body: the rule as Semgrep takes it; of a rule by absence what matches ``present``.
        absent: of a rule by absence, what silences it anywhere in the repository; ``None`` of any other.
    """

    id: str
    message: str
    about: About
    body: Mapping[str, Any]
    absent: tuple[Evidence, ...] | None = None


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules, in the order of their names."""
    found: list[Rule] = []
    for family in configs.resource(FOLDER).iterdir():
        if family.is_dir():
            files = [file for file in family.iterdir() if file.name.endswith(".yaml")]
            found += [_rule(family.name, file.read_text(encoding="utf-8")) for file in files]
    return tuple(sorted(found, key=lambda rule: rule.id))


def chosen(families: Sequence[str], names: Sequence[str], least: Level) -> list[Rule]:
    """Return the rules of some families (empty: all), of some names (empty: all), and at least so severe.

    Raises:
        ToolError: there is no family or rule of that name.
    """
    families = [canonical(family) for family in families]
    known = {rule.about.family for rule in rules()}, {rule.id for rule in rules()}
    for wanted, there, what in ((families, known[0], "family"), (names, known[1], "rule")):
        missing = [name for name in wanted if name not in there]
        if missing:
            raise ToolError(f"There is no {what} {missing[0]!r}.", f"Known: {', '.join(sorted(there))}.")
    levels = LEVELS[: LEVELS.index(least) + 1]
    return [
        rule
        for rule in rules()
        if (not families or rule.about.family in families)
        and (not names or rule.id in names)
        and rule.about.severity_level in levels
    ]


def canonical(name: str) -> str:
    """Return a family's name as the pack writes it: ``Data_Leakage`` and ``No validation set`` are understood."""
    plain = "-".join(re.split(r"[\s_/\u2010-\u2015-]+", name.strip().lower()))
    return _aliases().get(plain, plain)


@cache
def _aliases() -> Mapping[str, str]:
    """Families by their anti-patterns."""
    named = {rule.about.anti_pattern: rule.about.family for rule in rules() if rule.about.anti_pattern}
    return {"-".join(re.split(r"[\s/-]+", name.lower())): family for name, family in named.items()}


def _rule(folder: str, text: str) -> Rule:
    import yaml

    data: dict[str, Any] = yaml.safe_load(text)
    if folder != ABSENCE:
        (body,) = data["rules"]
        return Rule(body["id"], body["message"], About.model_validate(body["metadata"]), body)
    body = {
        "id": data["id"], "languages": ["python"], "severity": "INFO", "message": data["message"], **data["present"]
    }  # fmt: skip
    absent = tuple(Evidence(imported=each.get("import", ""), regex=each.get("regex", "")) for each in data["absent"])
    return Rule(data["id"], data["message"], About.model_validate(data), body, absent)

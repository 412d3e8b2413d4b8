"""Every rule of the pack on examples of its own: each marked line is found, and nothing else. One scan for all."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from scanner import context

from nonet.tools.semgrep import absence, pack
from nonet.tools.semgrep.scanning import scan

EXAMPLES = Path(__file__).parent / "examples"
MARK = re.compile(r"#\s*finds:\s*([\w, -]+)")
FEW = 2
ANTI_PATTERNS = {
    "data leakage": "data-leakage",
    "label leakage": "label-leakage",
    "train-test contamination": "train-test-contamination",
    "temporal leakage": "temporal-leakage",
    "sampling bias": "sampling-bias",
    "no reproducibility": "reproducibility",
    "no validation set": "validation",
    "no early stopping": "early-stopping",
    "wrong loss": "loss",
    "no gradient clipping": "gradient-clipping",
    "no schedule": "schedule",
    "training-serving skew": "serving-skew",
    "no versioning": "versioning",
    "no monitoring": "monitoring",
    "no A/B testing": "ab-testing",
    "hard-coded thresholds": "thresholds",
}
RULES = {rule.id: rule for rule in pack.rules()}
Place = tuple[str, str, int]


def marked(path: Path) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = MARK.search(line)
        for name in match[1].split(",") if match else ():
            found[name.strip()].add(number)
    return found


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> set[Place]:
    """(rule, file, line) of all findings over all examples, rules by absence left to their own test."""
    rules = [rule for rule in pack.rules() if rule.absent is None]
    found = scan("", rules, context(tmp_path_factory, EXAMPLES)).findings
    return {(each.rule.id, each.source.name.removeprefix("examples/"), each.first) for each in found}


def files(rule: str, kind: str) -> list[Path]:
    return sorted((EXAMPLES / rule).glob(f"{kind}_*"))


@pytest.mark.parametrize("anti_pattern", ANTI_PATTERNS)
def test_each_of_the_sixteen_anti_patterns_has_rules(anti_pattern):
    of_it = [rule.id for rule in pack.rules() if rule.about.anti_pattern.lower() == anti_pattern.lower()]
    assert of_it
    assert {RULES[name].about.family for name in of_it} == {ANTI_PATTERNS[anti_pattern]}


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_has_examples_of_both_kinds(name):
    assert len(files(name, "positive")) >= FEW
    assert len(files(name, "negative")) >= FEW


@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.absent is None))
def test_a_rule_finds_its_marked_lines_and_nothing_else(name, places):
    expected = {
        (name, str(path.relative_to(EXAMPLES)), line) for path in files(name, "positive") for line in marked(path)[name]
    }
    of_it = {place for place in places if place[0] == name and place[1].startswith(f"{name}/")}
    assert expected
    assert of_it == expected


@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.absent is not None))
@pytest.mark.parametrize("kind", ["positive", "negative"])
def test_a_rule_by_absence_sees_the_whole_repository(name, kind, tmp_path_factory):
    for example in files(name, kind):
        where = context(tmp_path_factory, example)
        found = {(each.source.name, each.first) for each in scan("", [RULES[name]], where).findings}
        sources = [example] if example.is_file() else sorted(example.rglob("*.py"))
        root = example.parent if example.is_file() else example
        expected = {
            (f"{root.name}/{path.relative_to(root)}", min(lines)) for path in sources if (lines := marked(path)[name])
        }
        assert found == expected, example
        assert bool(expected) == (kind == "positive")


def test_what_silences_a_rule_by_absence_can_be_read() -> None:
    for rule in pack.rules():
        for evidence in rule.absent or ():
            assert bool(evidence.imported) != bool(evidence.regex), rule.id
            re.compile(evidence.regex)
    assert absence.shown.__doc__


def test_every_rule_is_described() -> None:
    for rule in pack.rules():
        about = rule.about
        assert about.why.strip(), rule.id
        assert about.fix_hint.strip(), rule.id
        assert about.reference.strip(), rule.id
        severity = {"high": "ERROR", "medium": "WARNING", "low": "INFO"}[about.severity_level]
        assert rule.body["severity"] == severity, rule.id

"""Every rule of the pack on its examples: each marked line is found, and nothing else. One scan a family."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from scanner import context

from nonet.tools.filesystem.roots import Roots
from nonet.tools.semgrep import absence, pack
from nonet.tools.semgrep.findings import Finding
from nonet.tools.semgrep.pack import Rule
from nonet.tools.semgrep.scanning import scan

EXAMPLES = Path(__file__).parent / "examples"
SHARED = EXAMPLES / "shared"
CLEAN_FOR: dict[str, list[str]] = yaml.safe_load((SHARED / "clean_for.yaml").read_text(encoding="utf-8"))
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
    """(rule, file, line) of all findings over the examples; of a rule by absence what is present in each file.

    Each family's rules see their own examples and the shared ones: what they find in others' says nothing.
    """
    families: dict[str, list[Rule]] = defaultdict(list)
    for rule in pack.rules():
        families[rule.about.family].append(replace(rule, absent=None))
    found: list[Finding] = []
    for rules in families.values():
        folders = [EXAMPLES / rule.id for rule in rules]
        found += scan("", rules, context(tmp_path_factory, *folders, SHARED)).findings
    return {(each.rule.id, each.source.name, each.first) for each in found}


def files(rule: str, kind: str) -> list[Path]:
    own = sorted((EXAMPLES / rule).glob(f"{kind}_*"))
    shared = [SHARED / name for name, rules in CLEAN_FOR.items() if rule in rules]
    return own + shared if kind == "negative" else own


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
    shared = {str(path.relative_to(EXAMPLES)) for path in files(name, "negative")}
    of_it = {place for place in places if place[0] == name and (place[1].startswith(f"{name}/") or place[1] in shared)}
    assert expected
    assert of_it == expected


@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.absent is not None))
@pytest.mark.parametrize("kind", ["positive", "negative"])
def test_a_rule_by_absence_sees_the_whole_repository(name, kind, places, tmp_path_factory):
    for example in files(name, kind):
        sources = [example] if example.is_file() else sorted(example.rglob("*.py"))
        names = {str(path.relative_to(EXAMPLES)): path for path in sources}
        present: dict[str, int] = {}
        for rule, path, line in places:
            if rule == name and path in names:
                present[path] = min(line, present.get(path, line))
        silenced, whole = absence.shown([RULES[name]], Roots(context(tmp_path_factory, example)))
        assert whole
        expected = {path: min(lines) for path, source in names.items() if (lines := marked(source)[name])}
        assert ({} if name in silenced else present) == expected, example
        assert bool(expected) == (kind == "positive")


def test_a_shared_example_stands_once_and_names_rules_that_see_one_file():
    assert set(CLEAN_FOR) == {path.name for path in SHARED.glob("*.py")}
    for name, rules in CLEAN_FOR.items():
        assert len(set(rules)) == len(rules) >= FEW, name
        assert all(RULES[rule].absent is None for rule in rules), name
    texts = [path.read_bytes() for path in EXAMPLES.glob("*/*.py")]
    assert len(set(texts)) == len(texts), "an example that serves several rules is a shared one"


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

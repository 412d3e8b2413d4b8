"""A claim that a rule fires on a line, checked by the rule itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from scanner import context

from nonet.tools.clink.checking import check
from nonet.tools.clink.claims import Evidence
from nonet.tools.clink.without import without

LEAK = """from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split
X = StandardScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""
RULE = "preprocessing-fitted-before-split"


@pytest.mark.parametrize(("line", "rule", "mark"), [(3, RULE, "checked"), (1, RULE, "refuted"), (3, "none", "refuted")])
async def test_a_rule_is_run_over_the_line_that_is_named(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, line: int, rule: str, mark: str
) -> None:
    (tmp_path / "train.py").write_text(LEAK)
    found = await check(Evidence(reference=f"train.py:{line}", rule=rule), context(tmp_path_factory, tmp_path))
    assert found.mark == mark, found.said


async def test_without_a_model_the_rules_speak_first(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LEAK)
    items, _ = await without("leakage", ["train.py"], context(tmp_path_factory, tmp_path))
    assert items[0].facts["rule"] == RULE

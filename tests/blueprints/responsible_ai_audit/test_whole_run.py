"""One run from a table without a word about who is protected to a signed point, its project, its card and verify."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from loan_tables import write_loans

import nonet
from nonet.runs.result import Run


@pytest.mark.slow
def test_a_person_answers_approves_and_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NONET_HOME", str(tmp_path / "home"))
    loans = write_loans(tmp_path / "loans.csv", rows=420)
    settings = nonet.Settings(home=str(tmp_path / "home"), isolation="none", offline=False)
    run = nonet.run(
        "responsible_ai_audit",
        "Audit the loans",
        data=str(loans),
        label="approved",
        budget="2 trials",
        approve=True,
        out=tmp_path / "run",
        settings=settings,
    )
    assert _asked(run) == {"attribute", "criterion", "max_gap"}
    answer: dict[str, Any] = {"attribute": "sex", "criterion": "demographic_parity", "max_gap": 0.2}
    run = nonet.resume(tmp_path / "run", answer, settings=settings)
    assert _asked(run) >= {"go"}
    run = nonet.resume(tmp_path / "run", {"go": "yes"}, settings=settings)
    assert _asked(run) == {"point", "name", "reason"}
    run = nonet.resume(tmp_path / "run", {"point": "nowhere", "name": "Ada"}, settings=settings)
    assert "no point" in str(run.json()["question"])
    decided = json.loads((tmp_path / "run" / "decision.json").read_text(encoding="utf-8"))
    point = decided["decision"]["winner"]
    run = nonet.resume(tmp_path / "run", {"point": point, "name": "Ada", "reason": "fair"}, settings=settings)
    assert run.error is None
    assert [each["metric"] for each in run.json()["beside"]] == ["criterion_gap"]
    delivered = json.loads((tmp_path / "run" / "delivery.json").read_text(encoding="utf-8"))
    assert delivered["tests"]["passed"], delivered["tests"]["output_tail"]
    card = (tmp_path / "run" / "project" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Signed by Ada" in card
    assert "## Explanations" in card
    assert nonet.verify(tmp_path / "run", settings=settings).passed


def _asked(run: Run) -> set[str]:
    question: Any = run.json()["question"]
    return set(question["fields"])

"""Schema 1 of ``--json``, written down once more, independently of what writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

NUMBER = (int, float)
STATUSES = ("done", "needs_answer", "failed", "stopped_by_budget")
CLAIMS = ("better", "worse", "not shown", "not shown (no holdout)")
DECIDED = ("decision", "baseline", "metrics", "holdout", "targets", "standing_targets", "labels", "seats", "budget")
_TOP = {
    *("schema", "run_id", "workflow", "status", "question", "error", "decision", "baseline", "metrics", "holdout"),
    *("targets", "standing_targets", "labels", "seats", "budget", "isolation", "seconds", "paths"),
}


def check(found: Any) -> None:
    """Hold an object against the schema."""
    _keys(found, _TOP)
    assert found["schema"] == 1
    assert found["status"] in STATUSES
    _maybe(found["run_id"], str)
    _maybe(found["workflow"], str)
    _maybe(found["isolation"], str)
    _maybe(found["seconds"], *NUMBER)
    _keys(found["paths"], {"run", "report", "project"})
    assert all(path is None or Path(path).is_absolute() for path in found["paths"].values())
    if found["error"] is not None:
        _keys(found["error"], {"code", "message", "remedy"})
        assert all(isinstance(text, str) for text in found["error"].values())
    assert (found["error"] is not None) == (found["status"] == "failed")
    assert (found["question"] is not None) == (found["status"] == "needs_answer")
    if found["question"] is not None:
        assert isinstance(found["question"]["question"], str)
        assert found["question"]["fields"]
        assert "form" in found["question"]
    if found["status"] in ("done", "stopped_by_budget"):
        _decided(found)


def undecided(found: Any) -> None:
    """Hold that nothing that needs a decision is there, and nothing of it is left out."""
    check(found)
    assert {name: found[name] for name in DECIDED} == dict.fromkeys(DECIDED)


def _decided(found: Mapping[str, Any]) -> None:
    decision, holdout, budget = found["decision"], found["holdout"], found["budget"]
    _keys(decision, {"winner", "design", "reason", "tie", "comparisons", "pareto"})
    assert isinstance(decision["winner"], str)
    assert isinstance(decision["design"], dict)
    assert isinstance(decision["reason"], str)
    assert all(isinstance(decision[name], list) for name in ("tie", "comparisons", "pareto"))
    assert isinstance(found["baseline"], dict)
    assert all(value is None or _interval(value) for value in found["metrics"].values())
    _keys(
        holdout,
        {"winner", "baseline", "metric", "difference", "claim", "smallest_shown", "units_for", "times_opened"},
    )
    assert holdout["claim"] in CLAIMS
    if holdout["claim"] == "not shown (no holdout)":
        assert {name for name, value in holdout.items() if value is not None} == {"claim"}
    else:
        assert all(_interval(holdout[name]) for name in ("winner", "baseline", "difference"))
        assert isinstance(holdout["metric"], str)
        assert isinstance(holdout["times_opened"], int)
        _maybe(holdout["smallest_shown"], *NUMBER)
        _maybe(holdout["units_for"], int)
    for target in (*found["targets"], *found["standing_targets"]):
        _target(target)
    for label in found["labels"]:
        _keys(label, {"kind", "selection", "holdout"})
        assert label["kind"] in ("given", "made", "computed")
    assert isinstance(found["seats"], list)
    _keys(budget, {"asked", "spent", "bound"})
    assert isinstance(found["isolation"], str)
    assert isinstance(found["seconds"], NUMBER)
    assert all(Path(path).exists() for path in found["paths"].values())


def _target(target: Mapping[str, Any]) -> None:
    _keys(target, {"name", "wanted", "measured", "low", "high", "met", "holdout"})
    assert isinstance(target["name"], str)
    assert isinstance(target["wanted"], NUMBER)
    assert target["met"] in (True, False, None)
    for name in ("measured", "low", "high"):
        _maybe(target[name], *NUMBER)
    if target["holdout"] is not None:
        _keys(target["holdout"], {"measured", "low", "high", "met"})


def _interval(value: Mapping[str, Any]) -> bool:
    _keys(value, {"value", "low", "high", "n"})
    _maybe(value["low"], *NUMBER)
    _maybe(value["high"], *NUMBER)
    return isinstance(value["value"], NUMBER) and isinstance(value["n"], int)


def _keys(value: Any, names: set[str]) -> None:
    assert isinstance(value, dict)
    assert set(value) == names


def _maybe(value: Any, *kinds: type) -> None:
    assert value is None or (isinstance(value, kinds) and not isinstance(value, bool))

"""What a run says of its seats, for their record: models and controls by the same measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nonet.graphs.steps.consult import opinions
from nonet.graphs.steps.consult.council import STEP
from nonet.graphs.steps.consult.record import Consultation, Outcome
from nonet.graphs.steps.design import PERSON
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.spending import spending
from nonet.providers.spending import Asked


def consultation(desk: Desk) -> Consultation:
    """Return the outcomes of every seat of a run that has decided."""
    decided, council = desk.read("decision.json"), opinions.council(desk)
    rows: list[dict[str, Any]] = decided["candidates"]
    models: list[str] = council.get("seats") or []
    asked = spending(desk).rows()
    said = opinions.given(desk)
    objective = desk.blueprint.objective.metric
    found = [
        _outcome(seat, rows, decided["decision"], objective, desk.blueprint_metric(objective).direction)
        for seat in dict.fromkeys([*models, *(seat for row in rows for seat in row["seats"])])
    ]
    seats = [
        each.model_copy(update={"role": "model", **_heard(each.seat, said, council, asked)})
        if each.seat in models
        else each
        for each in found
    ]
    return Consultation(run_id=desk.run_id, workflow=desk.blueprint.name, metric=objective, seats=seats)


def _outcome(
    seat: str, rows: Sequence[Mapping[str, Any]], decision: Mapping[str, Any], metric: str, direction: str
) -> Outcome:
    own = [row for row in rows if seat in row["seats"]]
    raced = [row for row in own if not row.get("refines")]
    measured = [row for row in raced if row.get("measured") or row.get("screened")]
    ships = next(row["seats"] for row in rows if row["key"] == decision["winner"])
    leads = next(row["seats"] for row in rows if row["key"] == decision.get("best", decision["winner"]))
    return Outcome(
        seat=seat,
        role="person" if seat == PERSON else "control",
        nominated=len(raced),
        measured=len(measured),
        unique=sum(row["seats"] == [seat] for row in measured),
        won=seat in ships,
        added=ships == [seat],
        best=seat in leads,
        regret=_regret(own, rows, decision, metric, 1.0 if direction == "maximise" else -1.0),
    )


def _regret(
    own: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    decision: Mapping[str, Any],
    metric: str,
    better: float,
) -> float | None:
    """How far the best of a seat's designs that could ship stays behind the best of all that could."""
    eligible = {each["candidate"] for each in decision.get("comparisons") or () if each["eligible"]}

    def best(some: Sequence[Mapping[str, Any]]) -> float | None:
        scored: list[Mapping[str, Any] | None] = [
            row["metrics"].get(metric) for row in some if row["key"] in eligible and row.get("metrics")
        ]
        values = [better * each["value"] for each in scored if each is not None]
        return max(values, default=None)

    mine, all_of_them = best(own), best(rows)
    return None if mine is None or all_of_them is None else round(max(0.0, all_of_them - mine), 9)


def _heard(
    seat: str, said: Mapping[str, opinions.Said], council: Mapping[str, Any], asked: Sequence[Asked]
) -> dict[str, Any]:
    """What asking a model took, and why it was not heard, where it was not."""
    calls = [row for row in asked if row.step == f"{STEP}:{seat}"]
    priced = [row.usd for row in calls if row.usd is not None]
    absent: Mapping[str, str] = council.get("absent") or {}
    found = said.get(seat)
    failed = "late" if found and found.late else found.fault if found else "absent" if seat in absent else ""
    return {
        "failed": failed,
        "tokens": sum(row.asked + row.answered for row in calls),
        "usd": round(sum(priced), 6) if len(priced) == len(calls) else None,
    }

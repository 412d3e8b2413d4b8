"""The question that every seat is asked: request, space, data, evidence and what was measured, all of it bounded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nonet import configs
from nonet.graphs.steps import bench
from nonet.graphs.steps.consult.answer import MOST_DESIGNS, fields
from nonet.graphs.steps.decide import bars, measured_of
from nonet.graphs.steps.desk import Desk
from nonet.providers.secrecy import hidden, struck
from nonet.state import Json
from nonet.trials.measurements import gain

PROMPT = ("prompts", "consult.md")
MOST_EVIDENCE, EXCERPT = 24, 400
"""Pieces of evidence that are quoted, and characters of each."""
MOST_MEASURED = 24
"""Candidates whose fate is told."""
MOST_OF_A_PART = 12_000
"""Characters of one part of the question; the rest is cut, and the cut is told."""


def question(desk: Desk) -> str:
    """Return the question. It depends on the run folder alone: a run that goes on asks the same, and pays once."""
    objective = desk.blueprint.objective
    metric = desk.blueprint_metric(objective.metric)
    parts: dict[str, Json] = {
        "request": {"goal": desk.brief.goal, "targets": desk.brief.targets, "technologies": desk.brief.technologies},
        "objective": {
            "metric": metric.name,
            "direction": metric.direction,
            "description": metric.description,
            "subject_to": [str(bar) for bar in (*objective.subject_to, *bars(desk))],
            "cost": objective.cost,
        },
        "design_space": fields(desk.blueprint),
        "data": {"fingerprint": desk.data["fingerprint"], "counts": desk.data["counts"]},
        "evidence": _evidence(desk),
        "measured": _measured(desk),
    }
    secret = hidden(desk.settings)
    quoted = [f"## {name}\n\n```json\n{_bounded(struck(part, secret))}\n```" for name, part in parts.items()]
    return "\n\n".join([configs.text(*PROMPT).format(most=MOST_DESIGNS).strip(), *quoted])


def _bounded(part: Json) -> str:
    """Write a part as JSON that cannot end its own block."""
    text = json.dumps(part, ensure_ascii=False, separators=(",", ":")).replace("```", "` ` `")
    left_out = len(text) - MOST_OF_A_PART
    return text if left_out <= 0 else f"{text[:MOST_OF_A_PART]}\n({left_out:,} characters are left out here)"


def _evidence(desk: Desk) -> Json:
    quoted = [
        {"reference": item.reference[:200], "title": item.title[:200], "excerpt": item.excerpt[:EXCERPT]}
        for item in desk.evidence()
    ]
    return [*quoted[:MOST_EVIDENCE]]


def _measured(desk: Desk) -> Json:
    """What became of every candidate, best first: of designs what differs from the baseline, and not who named them."""
    if not desk.has("measurements.json"):
        return "nothing yet"
    raced = desk.read("measurements.json")
    measurements = measured_of(desk, bench.laboratory(desk), raced)
    objective = desk.blueprint.objective
    better = gain(measurements.metric(objective.metric))
    base: Mapping[str, Json] = next(row["design"] for row in raced["candidates"] if row["baseline"])

    def told(row: Mapping[str, Any]) -> tuple[float, dict[str, Json]]:
        key, known = row["key"], row["key"] in measurements.scores
        design = row["design"] if row["baseline"] else _differing(row["design"], base)
        found: dict[str, Json] = {"baseline" if row["baseline"] else "differs": design}
        values = {
            metric.name: _rounded(measurements.interval(key, metric.name))
            for metric in desk.blueprint.metrics
            if known and measurements.interval(key, metric.name) is not None
        }
        fate = row["failed"] or row["dropped"] or row["not_measured"]
        place = measurements.value(key, objective.metric) if known else None
        rank = float("inf") if place is None else -better * place
        return rank, found | ({"metrics": values} if known else {"units": row["measured"], "why": fate[:200]})

    rows: Sequence[tuple[float, dict[str, Json]]] = sorted(map(told, raced["candidates"]), key=lambda each: each[0])
    return {"units": raced["compared"], "best_first": [row for _, row in rows[:MOST_MEASURED]]}


def _differing(design: Mapping[str, Json], base: Mapping[str, Json]) -> Json:
    return {name: value for name, value in design.items() if value != base.get(name)}


def _rounded(interval: Any) -> Json:
    """Value, low and high to four significant digits; an end that is not known is left out."""
    ends = [interval.value, interval.low, interval.high]
    return [float(f"{each:.4g}") for each in ends if abs(each) != float("inf")]

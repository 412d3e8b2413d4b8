"""Delivering: the winner becomes a project, its own tests run, and it is scored once on the sealed holdout."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from nonet.graphs.steps import bench, control, emission
from nonet.graphs.steps.decide import bars, standing
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.graphs.steps.measured import described, measure
from nonet.graphs.steps.signature import SIGNATURE
from nonet.state import Json, State
from nonet.trials import access, integrity, ship, splits
from nonet.trials.claim import NO_HOLDOUT, Claim, claim
from nonet.trials.laboratory import Laboratory
from nonet.trials.measurements import Measurements
from nonet.trials.openings import open_holdout

PROJECT = "project"


async def deliver(desk: Desk, state: State) -> Update:
    """Emit the winner's project, run its tests, open the holdout, and hash what was used."""
    return {"notes": await asyncio.to_thread(_deliver, desk)}


def _deliver(desk: Desk) -> list[str]:
    control.drain(desk.folder).trials_over()
    with control.measuring(desk.settings.runs_at_once):
        began, notes = time.time(), list[str]()
        laboratory = bench.laboratory(desk)
        decided = desk.read("decision.json")
        design = decided["decision"]["design"]
        emission.emit(desk, laboratory, design)
        tests = emission.run_tests(desk, laboratory, design)
        if not tests["passed"]:
            notes.append(f"The shipped project's own tests failed: {str(tests['output_tail'])[-300:]}")
        notes += emission.account(desk, laboratory, design)
        (found, *beside), measurements = _open(desk, laboratory.with_project(desk.folder / PROJECT), decided)
    record = _record(desk, decided, found, measurements, tests, time.time() - began)
    desk.write("delivery.json", {**record, "beside": [each.json() for each in beside]})
    _record_numbers(desk, decided)
    _documents(desk, decided, measurements)
    desk.write("integrity.json", _integrity(desk, laboratory, found))
    return notes


def _open(desk: Desk, shipped: Laboratory, decided: dict[str, Any]) -> tuple[list[Claim], Measurements | None]:
    """Score winner and baseline on the holdout with exactly the code that ships, and claim: on the objective first."""
    holdout = desk.split.holdout
    winner, baseline = decided["decision"]["winner"], decided["baseline"]["candidate"]
    metrics = [desk.blueprint.objective.metric, *desk.blueprint.claims]
    if not holdout:
        return [NO_HOLDOUT], None
    designs = {winner: decided["decision"]["design"], baseline: decided["baseline"]["design"]}
    for design in designs.values():
        shipped.build(design)
    wanted = {*metrics, *(target.metric for target in bars(desk))}
    wants_latency = any(desk.blueprint_metric(name).source == "latency" for name in wanted)
    timed = holdout if wants_latency else ()
    hashes = splits.content_hashes([desk.units.units[i] for i in holdout])
    comparison = f"{winner} against {baseline} on {' and '.join(metrics)}"
    path = desk.settings.home_path / "memory" / "openings.sqlite"
    opening = open_holdout(path, desk.run_id, desk.blueprint.name, hashes, comparison)
    measurements = measure(
        desk, shipped, bench.evaluator(desk), list(designs.values()), holdout, timed, baseline=baseline
    )
    claims = [claim(measurements, metric, winner, baseline, opening, len(metrics)) for metric in metrics]
    return claims, measurements


def _record(
    desk: Desk,
    decided: dict[str, Any],
    found: Claim,
    measurements: Measurements | None,
    tests: dict[str, Json],
    seconds: float,
) -> dict[str, Json]:
    winner, baseline = decided["decision"]["winner"], decided["baseline"]["candidate"]
    targets, standing_targets = decided["targets"], decided["standing_targets"]
    metrics: dict[str, Json] = {}
    if measurements is not None:
        targets = _restated(targets, [r.json() for r in ship.judged(measurements, winner, bars(desk))])
        standing_targets = _restated(standing_targets, standing(desk, measurements, winner))
        metrics = {
            "winner": described(measurements, winner, desk.blueprint.metrics),
            "baseline": described(measurements, baseline, desk.blueprint.metrics),
        }
    return {
        "holdout": found.json(),
        "holdout_metrics": metrics,
        "differences": _differences(desk, measurements, winner, baseline),
        "targets": targets,
        "standing_targets": standing_targets,
        "tests": tests,
        "emitted": emission.extent(desk.folder / PROJECT),
        "seconds": round(seconds, 2),
    }


def _restated(rows: list[dict[str, Json]], holdout: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Set beside each target how it stands on the holdout; selection's verdict stays."""
    names = ("measured", "low", "high", "met")
    return [{**row, "holdout": {name: other[name] for name in names}} for row, other in zip(rows, holdout, strict=True)]


def _differences(desk: Desk, measurements: Measurements | None, winner: str, baseline: str) -> list[float]:
    if measurements is None:
        return []
    mine, others = (measurements.per_unit(key, desk.blueprint.objective.metric) for key in (winner, baseline))
    return [] if mine is None or others is None else [float(value) for value in mine - others]


def _record_numbers(desk: Desk, decided: dict[str, Any]) -> None:
    """Put the numbers that chose the design beside it, where the project's own ``measure`` command finds them."""
    delivered = desk.read("delivery.json")
    desk.write(
        f"{PROJECT}/measurements.json",
        {
            "run": desk.run_id,
            "metrics": decided["metrics"],
            "baseline": decided["baseline"]["metrics"],
            "holdout": delivered["holdout"],
            "labels": decided["labels"],
        },
    )


def _documents(desk: Desk, decided: Mapping[str, Any], measurements: Measurements | None) -> None:
    """Put into the project what can be written only now, when everything is measured: a model card, for instance."""
    keys = {"winner": decided["decision"]["winner"], "baseline": decided["baseline"]["candidate"]}
    opened: dict[str, Any] | None = None
    if measurements is not None:
        found = {
            metric.name: measurements.difference(keys["winner"], keys["baseline"], metric.name)
            for metric in desk.blueprint.metrics
        }
        opened = {
            "outputs": {who: list(measurements.scores[key].outputs) for who, key in keys.items()},
            "labels": [desk.units.units[index].label for index in measurements.units],
            "differences": {name: each.json() for name, each in found.items() if each is not None},
        }
    record = {
        "run": desk.run_id,
        "opened": opened,
        "brief": desk.brief.model_dump(mode="json"),
        "decision": desk.read("decision.json"),
        "delivery": desk.read("delivery.json"),
        "data": desk.data,
        "notes": list(desk.units.notes),
        "signature": desk.read(SIGNATURE) if desk.has(SIGNATURE) else None,
        "account": desk.read(emission.ACCOUNT) if desk.has(emission.ACCOUNT) else None,
        "project": desk.folder / PROJECT,
    }
    for name, text in desk.blueprint.documents(record).items():
        desk.write_text(f"{PROJECT}/{name}", text)


def _integrity(desk: Desk, laboratory: Laboratory, found: Claim) -> dict[str, Json]:
    folder, blueprint = desk.folder, desk.blueprint
    decided = desk.read("decision.json")
    designs = {
        decided["decision"]["winner"]: decided["decision"]["design"],
        decided["baseline"]["candidate"]: decided["baseline"]["design"],
    }
    measuring = {
        path.relative_to(blueprint.folder).as_posix(): integrity.file_hash(path)
        for path in integrity.files(blueprint.folder)
        if PROJECT not in path.relative_to(blueprint.folder).parts
    }
    return {
        "project": integrity.file_hashes(folder / PROJECT),
        "data": desk.data["hashes"],
        "source": integrity.file_hashes(folder / "data" / "source"),
        "outputs": integrity.file_hashes(folder / "trials"),
        "record": {
            name: integrity.file_hash(folder / name)
            for name in (
                "brief.json",
                "units.jsonl",
                "split.json",
                "measurements.json",
                "decision.json",
                "delivery.json",
                *([SIGNATURE] if desk.has(SIGNATURE) else []),
            )
        },
        "evaluator": integrity.combined(measuring),
        "design": decided["decision"]["winner"],
        "packages": dict(laboratory.environment.packages),
        "machine": integrity.machine(),
        "isolation": laboratory.isolation,
        "access": {key: access.record(blueprint.access(design)) for key, design in designs.items()},
        "openings": found.times_opened,
        "commands": [f"nonet verify {desk.run_id}", *blueprint.commands],
    }

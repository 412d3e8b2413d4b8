"""A run folder as the steps leave it, made by the real ship and claim rules over drawn scores."""

# ruff: noqa: E501 (rows of files read best as rows)

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, Field

from nonet.graphs.steps.desk import Desk
from nonet.settings import Settings
from nonet.state import Json
from nonet.trials import ship, targets
from nonet.trials.blueprint import Blueprint
from nonet.trials.claim import NO_HOLDOUT, claim
from nonet.trials.contract import Metric, Objective, Scores, StandingTarget, Target, Unit
from nonet.trials.evaluator import Evaluator
from nonet.trials.measurements import Measurements
from nonet.trials.space import key


class Inputs(BaseModel):
    tickets: str = Field(json_schema_extra={"path": True})


class Design(BaseModel):
    features: str = "words"
    model: str = "centroid"
    width: int = 64


METRICS = (
    Metric("hit", "maximise", "Share of the tickets that go to the right desk"),
    Metric("f1", "maximise", "Harmonic mean of precision and recall", mean=False),
    Metric(
        "p95_latency_ms",
        "minimise",
        "95th percentile of the time to route one ticket",
        unit="ms",
        source="latency",
        mean=False,
        relative=True,
        percentile=95.0,
        minimum_units=59,
    ),
    Metric("operations", "minimise", "Multiply-adds of training", source="resource", mean=False, relative=True),
    Metric("model_bytes", "minimise", "Size of the model on disk", unit="bytes", source="resource", mean=False),
    Metric("build_seconds", "minimise", "Time to train from nothing", unit="s", source="resource", mean=False),
)


class Routing(Blueprint[Inputs, Design]):
    """Routes support tickets to desks."""

    name = "ticket_routing"
    Inputs: ClassVar[type[BaseModel]] = Inputs
    Design: ClassVar[type[BaseModel]] = Design
    metrics = METRICS
    objective = Objective("hit", "operations")
    standing_targets = (
        StandingTarget(Target("p95_latency_ms", "<", 50)),
        StandingTarget(Target("calibration", "<", 0.05), needs="scores that are probabilities"),
    )
    technologies: ClassVar[Mapping[str, str]] = {r"\btrees\b": "trees", r"\bspark\b": "Spark"}
    commands = ("cd project && uv run route ask 'my screen is black'", "cd project && uv run route measure")

    def sources(self, inputs: Inputs, exclude: Sequence[Path]) -> Any:
        raise NotImplementedError

    def units(self, inputs: Inputs, parsed: Path, out: Path) -> Any:
        raise NotImplementedError

    def propose(self, brief: Any, inputs: Inputs, evidence: Any, data: Any) -> Any:
        raise NotImplementedError

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        picked = np.asarray(outputs, dtype=float)[list(index)]
        return {"hit": float(picked.mean()), "f1": float(2 * picked.mean() / (1 + picked.mean()))}

    def describe(self, design: Mapping[str, Json]) -> str:
        return f"{design['model']} over {design['features']}, width {design['width']}"


SPACE: list[tuple[str, str, int, float, float]] = [
    ("words", "centroid", 64, 0.64, 2e6),  # the baseline
    ("words", "logistic", 64, 0.70, 9e6),
    ("words", "trees", 64, 0.72, 8e7),
    ("subwords", "logistic", 256, 0.76, 6e8),
    ("subwords", "trees", 256, 0.765, 4e9),
    ("subwords", "centroid", 256, 0.66, 4e7),
]


def make(
    folder: Path,
    *,
    units: int = 240,
    sealed: bool = True,
    wanted: Sequence[str] = ("p95_latency_ms<40", "hit>=0.7"),
    bound: str | None = None,
    failing: bool = False,
    isolation: str = "sandlock (landlock 6, seccomp)",
    winner_only: bool = False,
    hostile: str = "",
    values: Mapping[str, str] | None = None,
    timed: bool = True,
    model: str = "playbook",
    backend: str = "ripgrep",
    tests_pass: bool = True,
) -> Desk:
    """Write a run folder and return its desk."""
    folder.mkdir(parents=True, exist_ok=True)
    blueprint = Routing()
    desk = Desk(folder, Settings(home=str(folder / "home"), values=dict(values or {})), blueprint)
    rng = np.random.default_rng(7)
    everything = [
        Unit(
            f"ticket-{i:03d}",
            {"text": f"{hostile}My {('screen', 'mouse', 'disk')[i % 3]} has failed, number {i}"},
            i,
            str(i),
        )
        for i in range(units)
    ]
    cut = int(units * 0.6) if sealed else units
    parts = {"fit": [], "selection": list(range(cut)), "holdout": list(range(cut, units))}
    space = SPACE[:1] if winner_only else SPACE
    designs = [{"features": f, "model": m, "width": w} for f, m, w, _, _ in space]
    ease = rng.random(units)
    evaluator = Evaluator(blueprint, everything)

    def scores(place: int, indexes: list[int]) -> Scores:
        _, _, _, skill, cost = space[place]
        noise = np.random.default_rng([place, len(indexes)]).normal(0, 0.12, len(indexes))
        values = [
            float(round(min(1.0, max(0.0, skill * 2 - e + n)), 2)) for e, n in zip(ease[indexes], noise, strict=True)
        ]
        latency = {i: float(12 + 6 * place + 3 * ease[i]) for i in indexes} if timed else {}
        resources = {"operations": cost, "model_bytes": cost / 40, "build_seconds": cost / 3e7 + 0.4}
        return Scores(tuple(indexes), {"hit": values}, values, latency, resources)

    keys = [key(design) for design in designs]
    selection = Measurements(evaluator, {k: scores(i, parts["selection"]) for i, k in enumerate(keys)})
    bars = [targets.parse(text, METRICS) for text in wanted]
    decision = ship.ship(selection, dict(zip(keys, designs, strict=True)), keys[0], bars)

    def described(measurements: Measurements, name: str) -> dict[str, Json]:
        found = {m.name: measurements.interval(name, m.name) for m in METRICS}
        return {metric: each.json() if each else None for metric, each in found.items()}

    rows: list[dict[str, Any]] = [
        {
            "key": k,
            "design": designs[i],
            "description": hostile + blueprint.describe(designs[i]),
            "seats": ["rules"] if i % 2 == 0 else ["memory", "neighbours"],
            "reasons": [f"{hostile}a {designs[i]['model']} suits short texts"] * (1 if i % 2 == 0 else 2),
            "evidence": ["e1"] if i == 2 else [],
            "baseline": i == 0,
            "measured": cut,
            "dropped": "",
            "failed": "",
            "not_measured": "",
            "estimate": None,
            "metrics": described(selection, k),
        }
        for i, k in enumerate(keys)
    ]
    blank = {
        "evidence": [],
        "baseline": False,
        "measured": 0,
        "dropped": "",
        "failed": "",
        "not_measured": "",
        "estimate": None,
        "metrics": {},
        "seats": ["rules"],
        "reasons": ["named by the request"],
    }
    if failing:
        broken = {"features": "words", "model": "boosting", "width": 64}
        huge = {"features": "subwords", "model": "trees", "width": 4096}
        weak = {"features": "words", "model": "nearest", "width": 64}
        for design, fate in (
            (broken, {"failed": f"{hostile}MemoryError: 8 GB are not enough"}),
            (huge, {"not_measured": "its full build needs 51 min, 3 min were left", "estimate": 3060.0}),
            (weak, {"measured": 30, "dropped": "worse than the leader at 30 units"}),
        ):
            rows.append(
                {**blank, "key": key(design), "design": design, "description": blueprint.describe(design), **fate}
            )

    winner, base = decision.winner, keys[0]
    found, holdout_metrics, differences = NO_HOLDOUT, {}, []
    judged = [result.json() for result in decision.targets]
    if sealed:
        holdout = Measurements(evaluator, {k: scores(keys.index(k), parts["holdout"]) for k in {winner, base}})
        found = claim(holdout, "hit", winner, base, 2)
        holdout_metrics = {"winner": described(holdout, winner), "baseline": described(holdout, base)}
        differences = [float(d) for d in holdout.per_unit(winner, "hit") - holdout.per_unit(base, "hit")]
        again = [result.json() for result in ship.judged(holdout, winner, bars)]
        judged = [
            {**one, "holdout": {n: other[n] for n in ("measured", "low", "high", "met")}}
            for one, other in zip(judged, again, strict=True)
        ]
    standing: list[dict[str, Any]] = [
        {**ship.judged(selection, winner, [blueprint.standing_targets[0].target])[0].json(), "needs": ""},
        {
            "name": "calibration<0.05",
            "wanted": 0.05,
            "measured": None,
            "low": None,
            "high": None,
            "met": None,
            "holdout": None,
            "needs": "scores that are probabilities",
        },
    ]
    mine, theirs = selection.per_unit(winner, "hit"), selection.per_unit(base, "hit")
    worst = sorted(range(cut), key=lambda i: mine[i])[:12]
    spent = {"seconds": 94.2, "candidates": len(keys)}
    seats = [
        {
            "seat": "rules",
            "nominated": 4,
            "measured": 3,
            "nominated_winner": "rules" in rows[keys.index(winner)]["seats"],
            "best": {"candidate": keys[0], "value": selection.value(keys[0], "hit")},
        },
        {
            "seat": f"{hostile}memory",
            "nominated": 3,
            "measured": 3,
            "nominated_winner": "memory" in rows[keys.index(winner)]["seats"],
            "best": {"candidate": winner, "value": selection.value(winner, "hit")},
        },
        {"seat": "neighbours", "nominated": 1, "measured": 0, "nominated_winner": False, "best": None},
    ]
    goal = f"{hostile}Route our support tickets with trees or Spark, p95 under 40 ms"
    files: dict[str, Any] = {
        "run.json": {"run_id": folder.name, "workflow": blueprint.name, "made": 0.0},
        "brief.json": {"workflow": blueprint.name, "goal": goal, "inputs": {"tickets": "tickets.jsonl"}, "targets": list(wanted),
                       "constraints": [], "technologies": ["trees", "Spark"],
                       "assumptions": ["No budget was given: 10m."], "budget": "10m", "tolerance": None, "seed": 0, "approve": False},
        "proposal.json": {"baseline": base, "exclusions": [{"what": "Spark", "needs": "a running Spark cluster", "evidence": ["e2"]}],
                          "findings": [{"text": f"{hostile}The repository cuts tickets at 512 words.", "evidence": ["e1"]}]},
        "data.json": {"fingerprint": {"tickets": units, "language": "en", "words": {"median": 34, "p90": 81}},
                      "counts": {"tickets": units}, "skipped": [{"name": f"{hostile}photo.png", "reason": "binary"}],
                      "files": [{"path": "/data/tickets.jsonl", "name": "tickets.jsonl"}], "hashes": {"source": "0" * 32}},
        "units.json": {"notes": ["Labels were made from the desk that closed each ticket: a proxy."], "hidden": False},
        "split.json": parts,
        "measurements.json": {"order": parts["selection"], "compared": cut, "bound": bound, "candidates": []},
        "decision.json": {
            "decision": {**decision.json(), "description": blueprint.describe(decision.design)},
            "baseline": {"candidate": base, "design": designs[0], "description": blueprint.describe(designs[0]),
                         "metrics": described(selection, base)},
            "metrics": described(selection, winner), "candidates": rows,
            "targets": [result.json() for result in decision.targets], "standing_targets": standing,
            "labels": [{"kind": "made", "selection": cut, "holdout": units - cut}], "seats": seats,
            "budget": {"asked": "10m", "spent": spent, "bound": bound}, "isolation": isolation,
            "errors": [{"unit": everything[i].key, "features": everything[i].features, "value": float(mine[i]),
                        "baseline_value": float(theirs[i])} for i in worst],
            "agents": {"model": model},
        },
        "delivery.json": {
            "holdout": found.json(), "holdout_metrics": holdout_metrics, "differences": differences, "targets": judged,
            "standing_targets": standing, "emitted": {"files": 23, "bytes": 1_482_113}, "seconds": 14.2,
            "tests": {"passed": tests_pass, "command": "pytest -q", "seconds": 6.1,
                      "output_tail": "9 passed" if tests_pass else f"{hostile}1 failed, 8 passed"},
        },
        "integrity.json": {
            "project": {f"src/route/{name}.py": "ab" * 16 for name in ("cli", "model")}, "data": {"source": "cd" * 16},
            "evaluator": "ef" * 16, "design": winner, "packages": {"numpy": "2.3.4", "scikit-learn": "1.7.2"},
            "machine": {"system": "Linux", "machine": "x86_64", "processor": "A processor @ 2.5 GHz"},
            "isolation": isolation, "openings": found.times_opened, "commands": [f"nonet verify {folder.name}"],
        },
        "pattern.json": {"id": "pattern-1", "tier": "workflow"},
        "outcome.json": {"status": "running", "seconds": 0.0},
    }  # fmt: skip
    for name, content in files.items():
        desk.write(name, content)
    desk.append("evidence.jsonl", [
        {"id": "e1", "step": "existing_code", "tool": "search_code", "backend": backend, "reference": "app/tickets.py:41",
         "title": f"{hostile}cut(text, 512)", "excerpt": f"{hostile}def cut(text, words=512):", "facts": {"words": 512}},
        {"id": "e2", "step": "research", "tool": "search", "backend": "folder and library", "reference": "https://example.org/spark",
         "title": "Spark for texts", "excerpt": "needs a cluster", "facts": {}},
        {"id": "e3", "step": "research", "tool": "search", "backend": "folder and library", "reference": "javascript:alert(1)",
         "title": "nothing", "excerpt": "unrelated", "facts": {}},
    ])  # fmt: skip
    desk.append("calls.jsonl", [
        {"at": "2026-01-01T00:00:00+00:00", "tool": "search", "backend": f"{hostile}tavily", "remote": True,
         "outcome": outcome, "seconds": 0.25, "attempts": 1, "size": 1200, "items": 2}
        for outcome in ("answered", "kept", "limit")
    ])  # fmt: skip
    rowsof = [("build", keys[0], 0, 4.0), ("outputs", keys[0], 4, 1.5), ("outputs", winner, 6, 2.5)]
    desk.append("spent.jsonl", [
        {"id": str(i), "at": float(at), "what": what, "key": k, "seconds": s, "state": "done"} for i, (what, k, at, s) in enumerate(rowsof)
    ])  # fmt: skip
    return desk


NOTES = [
    "read_guides: the tool scrape_url failed: the host does not answer.",
    "1 files or records were skipped: photo.png (binary).",
]


def read(desk: Desk, name: str) -> Any:
    return json.loads((desk.folder / name).read_text())

"""Verifying a run: its hashes, its decision recomputed, its winner and baseline measured again from nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from nonet.errors import InputError, Stopped, TrialError
from nonet.graphs.steps import bench
from nonet.graphs.steps.decide import decision_of, finalists, record
from nonet.graphs.steps.desk import Desk
from nonet.settings import Settings
from nonet.state import Json
from nonet.trials import access, integrity
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Scores, Unit
from nonet.trials.laboratory import Laboratory
from nonet.trials.measurements import Measurements

NEAR = 0.005
"""How far a metric may move on another processor or with other versions, in its own unit where it lies in [0, 1]."""


@dataclass
class Verification:
    """What was checked.

    Attributes:
        differences: what differs from the record; none in a run that passes.
        warnings: what a reader should know and is no failure (latency outside its interval, other versions).
        checked: one line for each check that held.
    """

    run_id: str
    differences: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    checked: list[str] = field(default_factory=list[str])

    @property
    def passed(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def json(self) -> dict[str, Json]:
        """Return everything as JSON."""
        return {"schema": 1, **vars(self), "passed": self.passed}

    def lines(self) -> list[str]:
        """Return the findings, one a line, for people."""
        verdict = "passed" if self.passed else "failed"
        return [
            *(f"  ok       {line}" for line in self.checked),
            *(f"  warning  {line}" for line in self.warnings),
            *(f"  differs  {line}" for line in self.differences),
            f"{self.run_id}: verification {verdict}",
        ]


def verify(blueprint: Blueprint[Any, Any], folder: Path, settings: Settings) -> Verification:
    """Verify the run in ``folder``.

    Raises:
        InputError: it has delivered nothing yet.
    """
    if not (folder / "integrity.json").exists():
        raise InputError(f"{folder.name} has delivered nothing yet.", f"Finish it: nonet resume {folder.name}")
    desk = Desk(folder, settings, blueprint)
    found = Verification(desk.run_id)
    recorded = desk.read("integrity.json")
    _hashes(desk, recorded, found)
    _user_data(desk, recorded, found)
    laboratory = bench.laboratory(desk)
    _conditions(recorded, laboratory, found)
    if found.passed:
        _decision(desk, laboratory, found)
    if found.passed:
        _again(desk, laboratory, found)
    return found


def _hashes(desk: Desk, recorded: Mapping[str, Any], found: Verification) -> None:
    """Compare every file of the record with its hash."""
    folder = desk.folder
    for what, where in (
        ("project", folder / "project"),
        ("outputs", folder / "trials"),
        ("source", folder / "data" / "source"),
    ):
        differences = integrity.differences(recorded[what], integrity.file_hashes(where))
        found.differences += [f"{where.relative_to(folder)}/{difference}" for difference in differences]
    for name in ("source", "parsed", "measuring"):
        if integrity.folder_hash(folder / "data" / name) != recorded["data"][name]:
            found.differences.append(f"data/{name} has changed")
    present = {name: integrity.file_hash(folder / name) for name in recorded["record"] if (folder / name).exists()}
    found.differences += integrity.differences(recorded["record"], present)
    if found.passed:
        found.checked.append("project, data, outputs and record are the files that were hashed")


def _user_data(desk: Desk, recorded: Mapping[str, Any], found: Verification) -> None:
    """Compare the user's own files with the copy that was measured."""
    for row in cast("list[dict[str, str]]", desk.data["files"]):
        path, name = Path(row["path"]), row["name"]
        if not path.is_file():
            found.differences.append(f"{path} is gone since it was measured")
        elif integrity.file_hash(path) != recorded["source"].get(name):
            found.differences.append(f"{path} has changed since it was measured")


def _conditions(recorded: Mapping[str, Any], laboratory: Laboratory, found: Verification) -> None:
    packages = dict(laboratory.environment.packages)
    if packages != recorded["packages"]:
        changed = sorted(set(packages.items()) ^ set(recorded["packages"].items()))
        found.warnings.append(f"the environment differs: {', '.join(sorted({name for name, _ in changed}))}")
    if integrity.machine() != recorded["machine"]:
        found.warnings.append(f"another machine: recorded on {recorded['machine']['processor']}")
    for named in cast("Mapping[str, Mapping[str, Any]]", recorded.get("access", {})).values():
        for folder, hashed in named["folders"].items():
            if access.contents(Path(folder)) != hashed:
                found.differences.append(f"{folder}, which a design names, has changed or is gone")


def _decision(desk: Desk, laboratory: Laboratory, found: Verification) -> None:
    """Recompute the decision from the stored outputs."""
    decided = desk.read("decision.json")
    recomputed = json.loads(json.dumps(record(desk, laboratory, decision_of(desk, laboratory))))
    for part in ("decision", "second", "baseline", "metrics", "targets", "standing_targets", "labels", "seats"):
        if recomputed[part] != decided[part]:
            found.differences.append(f"decision.json: {part} is not what the stored outputs give")
    if found.passed:
        found.checked.append("the decision recomputed from the stored outputs is the recorded one")


def _again(desk: Desk, laboratory: Laboratory, found: Verification) -> None:
    """Build winner and baseline from empty stages with the shipped code, run them again and compare."""
    with tempfile.TemporaryDirectory(prefix="verify-", dir=desk.folder) as scratch:
        shutil.copytree(desk.folder / "data" / "measuring", Path(scratch) / "data" / "measuring")
        fresh = bench.laboratory(desk, Path(scratch)).with_project(desk.folder / "project")
        decided = desk.read("decision.json")
        designs = {
            "winner": decided["decision"]["design"],
            "baseline": decided["baseline"]["design"],
        }
        same = not found.warnings
        for who, design in designs.items():
            _outputs_again(desk, laboratory, fresh, who, design, same, found)
        _latency_again(desk, laboratory, fresh, designs, found)


def _outputs_again(
    desk: Desk, laboratory: Laboratory, fresh: Laboratory, who: str, design: Any, same: bool, found: Verification
) -> None:
    raced = desk.read("measurements.json")
    indexes = [*raced["order"][: raced["compared"]], *desk.split.holdout]
    units = [desk.units.units[i] for i in indexes]
    hosts = ", ".join(desk.blueprint.access(design).hosts)
    try:
        before, after = laboratory.outputs(design, units), fresh.outputs(design, units)
    except Stopped:
        raise
    except TrialError as error:
        if not hosts:
            raise
        found.differences.append(f"the {who} calls {hosts} and could not be measured again: {error.message}")
        return
    if before == after:
        found.checked.append(f"the {who} measured again from empty stages gives identical outputs ({len(units)} units)")
        return
    differing = sum(a != b for a, b in zip(before, after, strict=True))
    evaluator = bench.evaluator(desk)
    pair = {
        name: Scores(tuple(indexes), evaluator.table(outputs, indexes), outputs)
        for name, outputs in (("before", before), ("after", after))
    }
    metric = desk.blueprint.objective.metric
    moved = Measurements(evaluator, pair).difference("after", "before", metric)
    distance = abs(moved.value) if moved else 0.0
    sentence = f"the {who} measured again: {differing} of {len(units)} outputs differ, {metric} moved by {distance:.4f}"
    why = f"{hosts} need not answer alike twice" if hosts else "another environment or processor"
    if (same and not hosts) or distance > NEAR:
        found.differences.append(sentence)
    else:
        found.warnings.append(f"{sentence} (within {NEAR}: {why})")


def _latency_again(
    desk: Desk, laboratory: Laboratory, fresh: Laboratory, designs: Mapping[str, Any], found: Verification
) -> None:
    """Set the winner's latency over the baseline's beside the recorded ratio; warn where they differ."""
    raced = desk.read("measurements.json")
    timed: list[int] = raced["timed"]
    if not timed or designs["winner"] == designs["baseline"]:
        return
    timeable = desk.units.timeable
    units = [timeable[i] for i in timed]
    ratios = {
        "recorded": _ratio(laboratory, _timed_together(raced), designs, units),
        "now": _ratio(fresh, list(designs.values()), designs, units),
    }
    if None in ratios.values():
        return
    text = f"median latency over the baseline's: recorded {ratios['recorded']:.2f}, now {ratios['now']:.2f}"
    close = 1 / 1.25 <= (ratios["now"] or 1) / (ratios["recorded"] or 1) <= 1.25
    (found.checked if close else found.warnings).append(text)


def _timed_together(raced: Mapping[str, Any]) -> list[Any]:
    """The designs beside which the winner was timed."""
    known = {row["key"]: row["design"] for row in raced["candidates"]}
    return [known[key] for key in raced["retimed"]] or list(finalists(raced).values())


def _ratio(
    laboratory: Laboratory, timed: Sequence[Any], designs: Mapping[str, Any], units: Sequence[Unit]
) -> float | None:
    import statistics

    from nonet.trials.space import key

    latencies = laboratory.latency(timed, units)
    medians = [latencies.get(key(designs[who])) for who in ("winner", "baseline")]
    if medians[0] is None or medians[1] is None:
        return None
    winner, baseline = (statistics.median(each.median_ms.values()) for each in medians if each)
    return winner / baseline if baseline else None

"""What goes to stdout: one JSON object, or a few lines for people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from nonet.runs.result import Run


def print_json(value: Any) -> None:
    """Print one object; numbers that JSON has no word for become null."""
    print(json.dumps(_finite(value), ensure_ascii=False, indent=2))


def print_run(run: Run) -> None:
    """Say in a few lines what a run came to and where its things are."""
    found = run.json()
    print(f"{run.run_id}: {run.status.replace('_', ' ')}")
    decision, holdout = run.decision, found["holdout"]
    if decision:
        print(f"  winner    {decision.winner}: {decision.description}")
        print(f"  because   {decision.reason}")
    for claimed in (holdout, *found.get("beside", ())):
        if claimed:
            print(f"  holdout   {_claimed(claimed)}")
    for target in found["targets"] or ():
        met = {True: "met", False: "missed", None: "not shown"}[target["met"]]
        print(f"  target    {target['name']} {met} (measured {_number(target['measured'])})")
    if found["error"]:
        print(f"  error     {found['error']['message']} {found['error']['remedy']}".rstrip())
    if found["question"]:
        print(f"  question  {found['question']['question']}")
        print(
            f"  answer    nonet resume {run.run_id} "
            + " ".join(f"--{f.replace('_', '-')} …" for f in found["question"]["fields"])
        )
    for name in ("report", "project", "run"):
        if found["paths"][name]:
            print(f"  {name:<9} {found['paths'][name]}")


def _claimed(claimed: Mapping[str, Any]) -> str:
    """Say a claim with its interval; ends that are not known, where hardly a unit differs, are left out."""
    difference = claimed["difference"]
    if not difference:
        return str(claimed["claim"])
    ends = [_number(difference[end], "+.3f") for end in ("low", "high") if difference[end] is not None]
    span = f"{difference['value']:+.3f}" + (f" [{', '.join(ends)}]" if len(ends) == 2 else "")
    return f"{claimed['claim']}: {claimed['metric']} {span} over the baseline, {difference['n']} units"


def _number(value: Any, form: str = ".4g") -> str:
    return "null" if value is None else format(value, form)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value

"""The brief: the goal parsed, the inputs completed by a person where they must be, the targets typed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from nonet.errors import InputError
from nonet.graphs.steps import question_model, spending
from nonet.graphs.steps.ask import ask
from nonet.graphs.steps.desk import Desk, alternative, says, validated
from nonet.graphs.steps.flow import Update
from nonet.state import Brief, Json, Request, Scalar, State
from nonet.trials import budget, space, targets
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Target


async def brief(desk: Desk, state: State) -> Update:
    """Make the request typed; ask for required inputs that are missing.

    Everything before the question is free of effects, since it runs again with the answer.
    """
    return await asyncio.to_thread(_brief, desk, state)


def _brief(desk: Desk, state: State) -> Update:
    inputs = _completed(desk.blueprint, state)
    inputs |= question_model.completed(desk.blueprint, inputs, desk.settings)
    typed = parse(desk.blueprint, state, inputs, desk.settings.budget)
    spending.keep_limits(desk)
    desk.write("brief.json", typed.model_dump())
    return {
        "folder": str(desk.folder),
        "run_id": desk.folder.name,
        "brief": {"goal": typed.goal, "budget": typed.budget},
    }


def parse(blueprint: Blueprint[Any, Any], state: State, inputs: dict[str, Scalar], default_budget: str) -> Brief:
    """Type a request: its targets by option and by sentence, its budget, the technologies it names.

    Raises:
        InputError: inputs, targets, tolerance, budget or designs are malformed.
    """
    goal = state.get("goal", "").strip()
    typed = validated(blueprint, inputs)
    spoken = targets_of(blueprint, state)
    set_by_inputs = [bar for bar in blueprint.bars(typed) if bar not in spoken]
    tolerance = state.get("tolerance")
    if tolerance is not None and not 0 <= tolerance < 1:
        raise InputError(f"The tolerance {tolerance} is outside [0, 1).", "Give for instance --tolerance 0.01.")
    text = state.get("budget") or default_budget
    budget.parse(text)
    for design in state.get("designs", []):
        space.canonical(blueprint.Design, design)
    technologies = [name for pattern, name in blueprint.technologies.items() if re.search(pattern, goal, re.I)]
    assumptions = [f"Target read from the request: {target}." for target in spoken[len(state.get("targets", [])) :]]
    barred = {bar.metric for bar in (*spoken, *set_by_inputs)}
    by_default = [bar for bar in blueprint.default_bars if bar.metric not in barred]
    assumptions += [f"No bar on {bar.metric} was given: {bar}." for bar in by_default]
    wanted = [*spoken, *set_by_inputs, *by_default]
    read = path_in_goal(blueprint, state)
    assumptions += [f"Input read from the request: {name} = {path}." for name, path in read.items()]
    if not state.get("budget"):
        assumptions.append(f"No budget was given: {text}.")
    return Brief(
        workflow=blueprint.name,
        goal=goal,
        inputs=inputs,
        targets=[str(target) for target in wanted],
        technologies=list(dict.fromkeys(technologies)),
        assumptions=assumptions,
        budget=text,
        tolerance=tolerance,
        seed=state.get("seed") or 0,
        approve=bool(state.get("approve")),
        designs=state.get("designs", []),
    )


def check(blueprint: Blueprint[Any, Any], request: Request) -> None:
    """Refuse a malformed request before anything is written for it; what is missing is asked for later.

    Raises:
        InputError: an input, target, tolerance or budget is malformed, or the data is not there.
    """
    inputs = dict(request.get("inputs", {}))
    unknown = [name for name in inputs if name not in blueprint.Inputs.model_fields]
    if unknown:
        known = ", ".join(blueprint.Inputs.model_fields)
        raise InputError(f"{blueprint.name} has no input {unknown[0]!r}.", f"Inputs: {known}.")
    inputs |= path_in_goal(blueprint, request)
    if missing(blueprint.Inputs, inputs):
        # Placeholders cannot be validated; everything else of the request can.
        targets_of(blueprint, request)
        budget.parse(request.get("budget") or "1s")
        return
    parse(blueprint, State(**request), inputs, "1s")
    blueprint.sources(validated(blueprint, inputs), ())


def targets_of(blueprint: Blueprint[Any, Any], request: Request) -> list[Target]:
    """Return the targets of a request: those given as options, then those its sentence names for other metrics.

    Raises:
        InputError: a target names an unknown metric or unit.
    """
    given = [targets.parse(text, blueprint.metrics) for text in request.get("targets", [])]
    named = {target.metric for target in given}
    spoken = targets.from_goal(request.get("goal", ""), blueprint.metrics)
    return [*given, *(target for target in spoken if target.metric not in named)]


def path_in_goal(blueprint: Blueprint[Any, Any], request: Request) -> dict[str, str]:
    """Return the missing path that the goal names ("… over docs/"): one is missing, one that exists is named."""
    given = request.get("inputs", {})
    lacking = [name for name in missing(blueprint.Inputs, given) if says(blueprint.Inputs, name, "path")]
    words = (word.strip("\"'`.,;:()?!") for word in request.get("goal", "").split() if "/" in word)
    existing = list(dict.fromkeys(word for word in words if word and Path(word).expanduser().exists()))
    return {lacking[0]: existing[0]} if len(lacking) == 1 and len(existing) == 1 else {}


def form(inputs: type[BaseModel], fields: list[str]) -> dict[str, Json]:
    """Return the JSON schema of some input fields: what a person is asked."""
    schema = inputs.model_json_schema()
    properties = cast("Mapping[str, Json]", schema["properties"])
    required = [name for name in fields if inputs.model_fields[name].is_required()]
    return {"type": "object", "properties": {name: properties[name] for name in fields}, "required": required}


def missing(inputs: type[BaseModel], given: Mapping[str, Json]) -> list[str]:
    """Return the required fields that are not given, and alternatives of which none is."""
    absent = [name for name in inputs.model_fields if given.get(name) in (None, "", [])]
    answered = {alternative(inputs, name) for name in inputs.model_fields if name not in absent}
    return [
        name
        for name in absent
        if inputs.model_fields[name].is_required() or alternative(inputs, name) not in {"", *answered}
    ]


def needs(inputs: type[BaseModel], lacking: list[str]) -> str:
    """Name what is lacking for a person: ``label, vectors or texts``."""
    groups: dict[str, list[str]] = {}
    for name in lacking:
        groups.setdefault(alternative(inputs, name) or f"{name} itself", []).append(name)
    return ", ".join(" or ".join(names) for names in groups.values())


def _completed(blueprint: Blueprint[Any, Any], state: State) -> dict[str, Scalar]:
    inputs: dict[str, Scalar] = {name: value for name, value in state.get("inputs", {}).items() if value is not None}
    inputs |= path_in_goal(blueprint, state)
    lacking = missing(blueprint.Inputs, inputs)
    if not lacking:
        return inputs

    def use(answer: Mapping[str, Any]) -> dict[str, Scalar]:
        complete: dict[str, Scalar] = inputs | dict(answer)
        still = missing(blueprint.Inputs, complete)
        if still:
            raise InputError(f"Still missing: {needs(blueprint.Inputs, still)}.")
        blueprint.sources(validated(blueprint, complete), ())
        return complete

    return ask(f"{blueprint.name} needs: {needs(blueprint.Inputs, lacking)}.", form(blueprint.Inputs, lacking), use)

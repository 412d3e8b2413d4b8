"""One run: start it, stream it, resume it, look at it, verify it. The CLI is a thin layer over these calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from nonet import settings as configuration
from nonet import tools
from nonet.errors import NeedsAnswer, UsageError
from nonet.graphs.steps import folders
from nonet.runs import catalog
from nonet.runs.drive import Event, drive
from nonet.runs.result import Run, load
from nonet.settings import Settings
from nonet.state import Request, Scalar

if TYPE_CHECKING:
    from nonet.graphs.steps.workflow import Workflow
    from nonet.runs.verification import Verification

T = TypeVar("T")
SCANNER = "semgrep"


async def stream(
    workflow: str | Workflow,
    goal: str = "",
    *,
    target: str | Sequence[str] = (),
    budget: str | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    approve: bool = False,
    designs: str | Path | Sequence[Mapping[str, Scalar]] = (),
    out: str | Path | None = None,
    settings: Settings | None = None,
    signals: bool = False,
    **inputs: Scalar | Path,
) -> AsyncIterator[Event]:
    """Run a workflow and yield its events; the last one is ``{"event": "result", "run": Run}``.

    Args:
        workflow: a workflow's name, or the goal itself (then the workflow is chosen by rules).
        goal: the request in a sentence.
        target: bars such as ``p95_latency_ms<200``.
        budget: ``10m``, ``90s`` or ``12 trials``.
        tolerance: how much of the objective a cheaper design may give up.
        designs: designs to measure instead of what the seats nominate, or a file of them (JSON).
        out: the run folder to make; by default one below ``settings.runs``.
        signals: drain on SIGINT and SIGTERM (main thread only).
        inputs: fields of the workflow's blueprint.

    Raises:
        UsageError: no such workflow.
        NeedsAnswer: several workflows fit the goal, or none.
        InputError: ``out`` exists, or an input is unknown or malformed.
    """
    settings = _settled(settings)
    chosen, goal = _workflow(workflow, goal)
    request = _request(chosen, goal, inputs, target, budget, tolerance, seed, approve, designs)
    folder = _new_folder(chosen, out, settings)
    request |= Request(folder=str(folder), run_id=folder.name)
    folders.keep_request(folder, request)
    async for event in drive(chosen, folder, settings, request, signals=signals):
        yield event


async def arun(workflow: str | Workflow, goal: str = "", **options: Any) -> Run:
    """Run a workflow to its end; arguments as in ``stream``."""
    return await _last(stream(workflow, goal, **options))


def run(workflow: str | Workflow, goal: str = "", **options: Any) -> Run:
    """Run a workflow to its end; arguments as in ``stream``. Works inside a notebook's event loop too."""
    return _wait(arun(workflow, goal, **options))


async def aresume(
    name: str | Path,
    answer: Mapping[str, Any] | None = None,
    *,
    workflow: Workflow | None = None,
    settings: Settings | None = None,
    signals: bool = False,
) -> AsyncIterator[Event]:
    """Go on with a run that was killed, stopped or needs an answer; events as in ``stream``.

    Args:
        name: the run's name or folder.
        answer: the fields of the question's form; without it a run that needs an answer stays as it is.
        workflow: the workflow of a run that is none of the nine.

    Raises:
        UnknownRunError: there is no such run.
        InputError: another process drives it.
    """
    from langgraph.types import Command

    settings = _settled(settings)
    folder = catalog.find(settings, str(name))
    found = load(folder)
    if found.status in ("done", "stopped_by_budget") or (found.status == "needs_answer" and not answer):
        yield {"event": "result", "run": found}
        return
    if found.status == "needs_answer":
        start: Any = Command(resume=dict(answer or {}))
    else:
        start = None if (folder / "brief.json").exists() else folders.kept_request(folder)
    known = workflow or _load(str(found.json()["workflow"]))
    async for event in drive(known, folder, settings, start, signals=signals):
        yield event


def resume(name: str | Path, answer: Mapping[str, Any] | None = None, **options: Any) -> Run:
    """Go on with a run to its end; arguments as in ``aresume``."""
    return _wait(_last(aresume(name, answer, **options)))


def show(name: str | Path, settings: Settings | None = None) -> Run:
    """Return a run as it stands.

    Raises:
        UnknownRunError: there is no such run.
    """
    return load(catalog.find(settings or configuration.load(), str(name)))


def verify(name: str | Path, *, workflow: Workflow | None = None, settings: Settings | None = None) -> Verification:
    """Check a run against its record: hashes, the decision recomputed, winner and baseline measured again.

    Raises:
        UnknownRunError: there is no such run.
        InputError: the run has decided nothing yet.
    """
    from nonet.runs.verification import verify as check

    settings = settings or configuration.load()
    folder = catalog.find(settings, str(name))
    known = workflow or _load(str(load(folder).json()["workflow"]))
    return check(known.blueprint(), folder, settings)


async def ademo(
    workflow: str = "rag_system", *, settings: Settings | None = None, signals: bool = False, **options: Any
) -> AsyncIterator[Event]:
    """Run a workflow on data that this machine has; events as in ``stream``."""
    settings = _settled(settings)
    known = _load(workflow)
    folder = _new_folder(known, options.pop("out", None), settings)
    goal, inputs, budget = await asyncio.to_thread(known.blueprint().demo, folder / "demo")
    options.setdefault("budget", budget)
    request = _request(known, goal, cast("dict[str, Scalar]", inputs), **_request_options(options))
    request |= Request(folder=str(folder), run_id=folder.name)
    folders.keep_request(folder, request)
    async for event in drive(known, folder, settings, request, signals=signals):
        yield event


def demo(workflow: str = "rag_system", **options: Any) -> Run:
    """Run a workflow on data that this machine has; arguments as in ``ademo``."""
    return _wait(_last(ademo(workflow, **options)))


def prepare(*workflows: str, settings: Settings | None = None) -> dict[str, str]:
    """Build environments ahead, for machines that will be offline: name → environment folder.

    Args:
        workflows: whose blueprints' environments, and ``semgrep`` for that of the scanner (default: all of them).
        settings: the configuration.

    Raises:
        PreparationError: an environment cannot be built, and why.
    """
    from nonet.graphs import names
    from nonet.tools.semgrep import program
    from nonet.trials.environment import prepare as build

    settings = settings or configuration.load()
    built: dict[str, str] = {}
    for name in workflows or (*names(), SCANNER):
        if name == SCANNER:
            built[name] = str(program.prepare(settings))
            continue
        project = _load(name).blueprint().folder / "project"
        built[name] = str(build(project, settings.home_path, settings.offline).folder)
    return built


def _workflow(given: str | Workflow, goal: str) -> tuple[Workflow, str]:
    from nonet import graphs

    if not isinstance(given, str):
        return given, goal
    if goal or given in graphs.names() or " " not in given.strip():
        return _load(given), goal
    return _load(choose(given)[0]), given


def choose(goal: str) -> tuple[str, str]:
    """Pick the workflow for a goal by rules: (name, why).

    Raises:
        NeedsAnswer: two fit equally well, or none does.
    """
    from nonet import graphs

    ranked = graphs.choose(goal)
    if not ranked:
        names = ", ".join(graphs.names())
        raise NeedsAnswer(f"No workflow fits {goal!r}.", f"Name one: {names}.", ("workflow",))
    best = [name for name, words in ranked if len(words) == len(ranked[0][1])]
    if len(best) > 1:
        raise NeedsAnswer(
            f"Several workflows fit {goal!r}: {', '.join(best)}.", "Name the one you want.", ("workflow",)
        )
    return best[0], f"{best[0]}, because the goal says {', '.join(repr(word) for word in ranked[0][1])}"


def _load(name: str) -> Workflow:
    from nonet import graphs

    return graphs.load(name)


def _request_options(options: dict[str, Any]) -> dict[str, Any]:
    known = {"target": (), "budget": None, "tolerance": None, "seed": 0, "approve": False, "designs": ()}
    unknown = set(options) - set(known)
    if unknown:
        raise UsageError(f"Unknown option {sorted(unknown)[0]!r}.", f"Options: {', '.join(known)}.")
    return known | options


def _request(
    workflow: Workflow,
    goal: str,
    inputs: Mapping[str, Scalar | Path],
    target: str | Sequence[str] = (),
    budget: str | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    approve: bool = False,
    designs: str | Path | Sequence[Mapping[str, Scalar]] = (),
) -> Request:
    """Check a request before anything is written."""
    from nonet.graphs.steps.brief import check
    from nonet.runs.designs import read

    plain: dict[str, Scalar] = {
        name: str(value) if isinstance(value, Path) else value for name, value in inputs.items() if value is not None
    }
    request = Request(
        goal=goal,
        inputs=plain,
        targets=[target] if isinstance(target, str) else list(target),
        tolerance=tolerance,
        seed=seed,
        approve=approve,
        designs=read(designs) if isinstance(designs, str | Path) else [dict(design) for design in designs],
    )
    if budget:
        request["budget"] = budget
    check(workflow.blueprint(), request)
    return request


def _settled(settings: Settings | None) -> Settings:
    """Return the settings of a run that begins or goes on; those that speak of tools that are not there are refused."""
    found = settings or configuration.load()
    tools.check(found)
    return found


def _new_folder(workflow: Workflow, out: str | Path | None, settings: Settings) -> Path:
    run_id = folders.new_id(workflow.name)
    folder = Path(out).expanduser().absolute() if out else Path(settings.runs).absolute() / run_id
    folders.create(folder, folder.name, workflow.name)
    catalog.register(settings, folder)
    return folder


async def _last(events: AsyncIterator[Event]) -> Run:
    result: Run | None = None
    async for event in events:
        if event["event"] == "result":
            result = event["run"]
    assert result is not None, "drive always ends in a result"
    return result


def _wait(work: Coroutine[Any, Any, T]) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()

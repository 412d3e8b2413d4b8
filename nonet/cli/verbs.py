"""What each command does: call the public function, print what came of it, return the exit code."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.errors import InputError, NonetError, ToolError, UsageError

if TYPE_CHECKING:
    from nonet.runs.drive import Event
    from nonet.runs.result import Run
    from nonet.settings import Settings

MISSED = 3
_SETTINGS = ("home", "offline", "web", "cache", "python", "max_usd", "max_tokens")
"""Settings that have an option."""


def run(options: Namespace) -> int:
    """``nonet run [WORKFLOW] GOAL``."""
    from nonet import runs

    workflow, goal = _split(options.request)
    if workflow is None:
        workflow, why = runs.choose(goal)
        print(f"nonet: {why}", file=sys.stderr)
    events = runs.stream(workflow, goal, **_measured(options), **_prefixed(options, "input_"), signals=True)
    return _follow(events, options)


def demo(options: Namespace) -> int:
    """``nonet demo [WORKFLOW]``."""
    from nonet import runs

    measured = {name: value for name, value in _measured(options).items() if value not in (None, [], ())}
    return _follow(runs.ademo(options.workflow, signals=True, **measured), options)


def resume(options: Namespace) -> int:
    """``nonet resume RUN``."""
    from nonet import runs

    answer = _prefixed(options, "answer_")
    return _follow(runs.aresume(options.name, answer, settings=settings_of(options), signals=True), options)


def show(options: Namespace) -> int:
    """``nonet show RUN``."""
    from nonet import runs

    _print(runs.show(options.name, settings_of(options)), options)
    return 0


def verify(options: Namespace) -> int:
    """``nonet verify RUN``."""
    from nonet import runs
    from nonet.cli.output import print_json

    checked = runs.verify(options.name, settings=settings_of(options))
    if options.json:
        print_json(checked.json())
    else:
        print("\n".join(checked.lines()))
    return 0 if checked.passed else 1


def runs(options: Namespace) -> int:
    """``nonet runs``."""
    from nonet.cli.output import print_json
    from nonet.runs import catalog

    found = catalog.runs(settings_of(options))
    if options.json:
        print_json(
            {"schema": 1, "runs": [{"run_id": r.run_id, "status": r.status, "run": str(r.folder)} for r in found]}
        )
    else:
        for each in found:
            print(f"{each.run_id}  {each.status}  {each.folder}")
    return 0


def council(options: Namespace) -> int:
    """``nonet council``."""
    from nonet.cli.output import print_json
    from nonet.graphs.steps.consult import record

    settings = settings_of(options)
    seats, together = record.standings(settings), record.co_failure(settings)
    if options.json:
        print_json({"schema": 1, "seats": [each.model_dump() for each in seats], "co_failure": together.model_dump()})
    else:
        print("\n".join(record.lines(seats, together)))
    return 0


def workflows(options: Namespace) -> int:
    """``nonet workflows``."""
    from nonet import graphs
    from nonet.cli.output import print_json

    rows: list[dict[str, Any]] = []
    for name in graphs.names():
        workflow = graphs.load(name)
        fields = workflow.blueprint().Inputs.model_fields
        inputs = [{"name": f, "required": i.is_required(), "description": i.description} for f, i in fields.items()]
        rows.append({"name": name, "title": workflow.title, "inputs": inputs})
    if options.json:
        print_json({"schema": 1, "workflows": rows})
        return 0
    for row in rows:
        print(f"{row['name']}  {row['title']}")
        for each in row["inputs"]:
            print(f"  --{each['name']}{'' if each['required'] else ' (optional)'}  {each['description']}")
    return 0


def prepare(options: Namespace) -> int:
    """``nonet prepare [WORKFLOW …]``."""
    from nonet import runs
    from nonet.cli.output import print_json

    built = runs.prepare(*options.workflows, settings=settings_of(options))
    if options.json:
        print_json({"schema": 1, "environments": built})
    else:
        for name, folder in built.items():
            print(f"{name}  {folder}")
    return 0


def doctor(options: Namespace) -> int:
    """``nonet doctor``."""
    from nonet.cli.output import print_json
    from nonet.runs.doctor import doctor as examine

    checked = asyncio.run(examine(settings_of(options), options.probe))
    if options.json:
        print_json({"schema": 1, "checkups": [each.json() for each in checked]})
        return 0
    for each in checked:
        print(f"{each.name}: {each.used}")
        for backend in each.backends:
            if not backend.answers:
                print(f"  {backend.name}: {backend.said}. {backend.remedy}".rstrip())
    return 0


def init(options: Namespace) -> int:
    """``nonet init``."""
    from nonet import settings as configuration
    from nonet.cli.output import print_json

    path = Path.cwd() / configuration.FILE_NAME
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(configuration.template())
    except FileExistsError as error:
        raise InputError(f"{path} exists.", "Edit it, or remove it first.") from error
    if options.json:
        print_json({"schema": 1, "wrote": str(path)})
    else:
        print(path)
    return 0


def tool(options: Namespace) -> int:
    """``nonet tool NAME key=value …``."""
    from nonet import tools
    from nonet.cli.output import print_json

    if options.name is None:
        rows = [{"name": name, "description": tools.get(name).description} for name in tools.names()]
        if options.json:
            print_json({"schema": 1, "tools": rows})
        else:
            print("\n".join(f"{row['name']}  {row['description']}" for row in rows))
        return 0
    arguments: dict[str, object] = {}
    for word in options.arguments:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"{word!r} is not key=value.", f"For instance: nonet tool {options.name} query=text")
        arguments[key] = _value(value)
    settings = settings_of(options)
    context = tools.working(settings)
    if settings.model != "playbook":
        from nonet.agents import extraction

        context = replace(context, extract=extraction.configured(settings))
    chosen = tools.get(options.name)
    try:
        chosen.parse(arguments)
    except ToolError as error:  # here a person wrote them
        raise UsageError(error.message, error.remedy) from error
    result = asyncio.run(chosen.answer(arguments, context))
    if options.json:
        print_json({"schema": 1, **result.model_dump(mode="json")})
        return 0
    documents = [item.facts["document"] for item in result.items if "document" in item.facts]
    if documents:  # a patch or a log in a standard's form is for other programs: nothing else may stand around it
        print(*documents, sep="\n", end="")
        print(result.note, file=sys.stderr)
        return 0
    for item in result.items:
        print(f"{item.reference}  {item.title}\n{item.excerpt}\n")
    if result.note:
        print(result.note)
    return 0


def _value(text: str) -> object:
    """Read an object or a list as JSON; anything else is text, which the tool's own types convert."""
    import json

    try:
        return json.loads(text) if text[:1] in ("{", "[") else text
    except ValueError:
        return text


def workflow_of(words: Sequence[str]) -> str | None:
    """Return the workflow that the words after ``run`` name, or that their goal calls for, if it is clear."""
    from nonet import graphs

    names = graphs.names()
    for word in words:
        if word in names:
            return word
    goal = next((word for word in words if " " in word and not word.startswith("-")), "")
    ranked = graphs.choose(goal)
    clear = ranked and (len(ranked) == 1 or len(ranked[0][1]) > len(ranked[1][1]))
    return ranked[0][0] if clear else None


def asked_of(words: Sequence[str]) -> list[str]:
    """Return the fields that the run named in ``words`` waits for."""
    from nonet import runs
    from nonet import settings as configuration

    home = words[words.index("--home") + 1] if "--home" in words[:-1] else None
    settings = configuration.load({"home": home})
    for word in words:
        if word.startswith("-"):
            continue
        try:
            question = runs.show(word, settings).json()["question"]
        except NonetError:
            continue
        return list(question["fields"]) if question else []
    return []


def _split(words: list[str]) -> tuple[str | None, str]:
    from nonet import graphs

    if words[0] in graphs.names() or (len(words) > 1 and " " not in words[0]):
        return words[0], " ".join(words[1:])
    if len(words) == 1 and " " not in words[0]:
        raise UsageError(f"Unknown workflow {words[0]!r}.", f"Workflows: {', '.join(graphs.names())}.")
    return None, " ".join(words)


def _follow(events: AsyncIterator[Event], options: Namespace) -> int:
    from nonet.cli.progress import Progress

    async def follow() -> Run:
        progress = Progress()
        result: Run | None = None
        async for event in events:
            progress.show(event)
            if event["event"] == "result":
                result = event["run"]
        assert result is not None
        return result

    try:
        result = asyncio.run(follow())
    except asyncio.CancelledError as error:  # the second signal
        raise KeyboardInterrupt from error
    _print(result, options)
    if result.exit_code == 0 and options.strict and result.unmet():
        print(f"nonet: not met: {', '.join(result.unmet())}", file=sys.stderr)
        return MISSED
    if result.error is not None:
        print(f"nonet: {result.error}", file=sys.stderr)
    return result.exit_code


def _print(result: Run, options: Namespace) -> None:
    from nonet.cli.output import print_json, print_run

    if options.json:
        print_json(result.json())
    else:
        print_run(result)


def _measured(options: Namespace) -> dict[str, Any]:
    return {
        "target": options.target,
        "budget": options.budget,
        "tolerance": options.tolerance,
        "seed": options.seed,
        "approve": options.approve,
        "designs": options.designs or (),
        "out": options.out,
        "settings": settings_of(options),
    }


def settings_of(options: Namespace) -> Settings:
    """Return the settings that a command's options ask for."""
    from nonet import settings as configuration

    given = {name: getattr(options, name, None) for name in _SETTINGS}
    return configuration.load(given)


def _prefixed(options: Namespace, prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in vars(options).items()
        if name.startswith(prefix) and value is not None
    }

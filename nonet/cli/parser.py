"""The commands and their options; a workflow's own options are generated from its blueprint's inputs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn, get_origin

from nonet.cli import verbs
from nonet.cli.consult import consult
from nonet.errors import UsageError


class _Parser(argparse.ArgumentParser):
    """Raises instead of exiting, so that every refusal takes the same way out."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[0].upper()}{message[1:]}.", f"See: {self.prog} --help")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Parse a command line.

    Raises:
        UsageError: it cannot be understood.
    """
    parser = _Parser(prog="nonet", description="Build, measure and decide: ML systems on your own data.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _run(commands, words)
    _demo(commands)
    _resume(commands, words)
    _consult(commands)
    _simple(commands)
    return parser.parse_args(list(words))


def _add(commands: Any, name: str, verb: Any, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False)
    command.set_defaults(verb=verb)
    command.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else there")
    return command


def _settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--home", help="folder of memory, caches and environments (default: $NONET_HOME or ~/.nonet)")
    command.add_argument(
        "--offline", action="store_true", default=None, help="forbid every request that leaves this machine"
    )


def _reach(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--web", action="store_true", default=None, help="let requests without a key leave this machine: pages, search"
    )
    command.add_argument(
        "--no-cache", dest="cache", action="store_false", default=None, help="ask services anew, and keep no answer"
    )
    command.add_argument("--python", help="interpreter or environment whose libraries are documented")


def _measured(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--target", action="append", default=[], metavar="BAR", help="a bar, for instance 'p95_latency_ms<200'"
    )
    command.add_argument(
        "--tolerance", type=float, help="how much of the objective a cheaper design may give up (default: the metric's)"
    )
    command.add_argument(
        "--designs", metavar="FILE", help="JSON of designs to measure instead of what the seats nominate"
    )
    command.add_argument("--budget", help="'10m', '90s' or '12 trials'")
    command.add_argument("--seed", type=int, default=0, help="seed of the measuring order and of resampling")
    command.add_argument("--out", help="the run folder to make")
    command.add_argument("--approve", action="store_true", help="ask a person before anything is measured")
    command.add_argument("--strict", action="store_true", help="exit 3 when a target is missed or not shown")
    _settings(command)
    _reach(command)
    _limits(command)


def _limits(command: argparse.ArgumentParser) -> None:
    command.add_argument("--max-usd", type=float, help="USD that the models of the run may cost, agents and council")
    command.add_argument("--max-tokens", type=int, help="tokens that the models of the run may take")


def _run(commands: Any, words: Sequence[str]) -> None:
    command = _add(commands, "run", verbs.run, "run a workflow on your data")
    command.add_argument("request", nargs="+", metavar="WORD", help="[WORKFLOW] GOAL: a workflow's name, and the goal")
    _measured(command)
    if len(words) > 1 and words[0] == "run":
        _inputs(command, verbs.workflow_of(words[1:]))


def _demo(commands: Any) -> None:
    command = _add(commands, "demo", verbs.demo, "run a workflow on documents or data that this machine has")
    command.add_argument("workflow", nargs="?", default="rag_system", help="default: rag_system")
    _measured(command)


def _resume(commands: Any, words: Sequence[str]) -> None:
    command = _add(commands, "resume", verbs.resume, "go on with a run that was stopped, killed or asked a question")
    command.add_argument("name", metavar="RUN")
    command.add_argument("--strict", action="store_true", help="exit 3 when a target is missed or not shown")
    _settings(command)
    _limits(command)
    if len(words) > 1 and words[0] == "resume":
        group = command.add_argument_group("answer to the question")
        for field in verbs.asked_of(words[1:]):
            group.add_argument(f"--{field.replace('_', '-')}", dest=f"answer_{field}", metavar=field.upper())


def _consult(commands: Any) -> None:
    command = _add(commands, "consult", consult, "ask the council's models a question, or to rank options")
    command.add_argument("question", help="what is asked, as one word of the command line: in quotes")
    for name, text in (
        ("option", "an option to be ranked against the others; none: an open question"),
        ("seat", "a seat to be asked (default: all of the settings)"),
        ("path", "a file, or a folder of Python files, beneath the working folder to be quoted"),
        ("image", "a PNG, JPEG or GIF beneath the working folder to be shown"),
    ):
        command.add_argument(f"--{name}", action="append", default=[], metavar=name.upper(), help=text)
    command.add_argument("--role", default="", help="what every seat looks at (default: its own role)")
    command.add_argument("--continue", dest="continuation", default="", metavar="ID", help="go on with a conversation")
    _settings(command)
    _reach(command)
    _limits(command)


def _inputs(command: argparse.ArgumentParser, workflow: str | None) -> None:
    """Add the options of one workflow; without one, those of all (each says whose it is)."""
    from nonet import blueprints

    seen: set[str] = set()
    for name in [workflow] if workflow else blueprints.names():
        group = command.add_argument_group(f"inputs of {name}")
        for field, info in blueprints.load(name).Inputs.model_fields.items():
            if field not in seen:
                seen.add(field)
                many: dict[str, Any] = {"action": "append"} if get_origin(info.annotation) is list else {}
                group.add_argument(
                    f"--{field.replace('_', '-')}",
                    dest=f"input_{field}",
                    metavar=field.upper(),
                    help=info.description,
                    **many,
                )


def _simple(commands: Any) -> None:
    command = _add(
        commands, "prepare", verbs.prepare, "build the environments ahead, for a machine that will be offline"
    )
    command.add_argument("workflows", nargs="*", metavar="WORKFLOW")
    _settings(command)
    command = _add(commands, "show", verbs.show, "show what a run came to")
    command.add_argument("name", metavar="RUN")
    _settings(command)
    command = _add(commands, "verify", verbs.verify, "check a run against its record and measure its winner again")
    command.add_argument("name", metavar="RUN")
    _settings(command)
    command = _add(commands, "runs", verbs.runs, "list the runs")
    _settings(command)
    command = _add(commands, "council", verbs.council, "hold every seat against what was measured, over all runs")
    _settings(command)
    command = _add(
        commands, "doctor", verbs.doctor, "tell which tools and models answer here, and what is used instead"
    )
    command.add_argument("--probe", action="store_true", help="send each chat model of the settings one short request")
    _settings(command)
    _reach(command)
    _add(commands, "workflows", verbs.workflows, "list the workflows and their inputs")
    command = _add(commands, "init", verbs.init, "write a commented nonet.yaml into the working folder")
    command = _add(commands, "tool", verbs.tool, "call one tool: nonet tool NAME key=value …")
    command.add_argument("name", nargs="?", metavar="NAME", help="without a name the tools are listed")
    command.add_argument("arguments", nargs="*", metavar="key=value")
    _settings(command)
    _reach(command)

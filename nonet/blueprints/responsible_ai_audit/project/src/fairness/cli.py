"""``fairness``: decide, check, monitor, explain. JSON on standard output; one line where something is wrong."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairness.errors import FairnessError

HELD, BROKEN, WRONG = 0, 1, 2


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0, 1 where the check finds the bar broken (or, with --strict, not shown), 2 for bad input."""
    options = _parser().parse_args(words)
    try:
        return options.verb(options)
    except FairnessError as error:
        print(f"fairness: {error}", file=sys.stderr)
        return WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fairness", description="An audited classifier over a table.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, verb, text in (
        ("decide", _decide, "decide every row: one {label, score} a line"),
        ("check", _check, "hold decided rows with outcomes against the bar on the gap; for continuous integration"),
        ("monitor", _monitor, "rates by group and shifts of the columns on new rows"),
        ("explain", _explain, "explain one row's score"),
        ("account", _account, "explanations of people drawn from the fitted profile"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(verb=verb)
        if name != "account":
            command.add_argument("table", type=Path, help="CSV or Parquet with the columns of the fitted table")
        if name == "check":
            command.add_argument("--strict", action="store_true", help="fail too where the bar is not shown to hold")
        if name == "explain":
            command.add_argument("--row", type=int, default=1, help="which row, from 1")
    return parser


def _decide(options: argparse.Namespace) -> int:
    from fairness import parts, shipped

    project = shipped.here()
    for each in parts.decide(project.parts, project.rows(options.table)):
        print(json.dumps(each))
    return HELD


def _check(options: argparse.Namespace) -> int:
    from fairness import checking, parts, shipped

    project = shipped.here()
    rows = project.rows(options.table)
    decisions = parts.decide(project.parts, rows)
    found = checking.check(rows, decisions, project.settings["criterion"], float(project.settings["max_gap"]))
    _show(found)
    failed = found["verdict"] == "broken" or (options.strict and found["verdict"] != "held")
    return BROKEN if failed else HELD


def _monitor(options: argparse.Namespace) -> int:
    from fairness import monitoring, parts, shipped

    project = shipped.here()
    rows = project.rows(options.table)
    _show(monitoring.report(project.reference, rows, parts.decide(project.parts, rows)))
    return HELD


def _explain(options: argparse.Namespace) -> int:
    from fairness import explanation, shipped
    from fairness.design import SEED

    project = shipped.here()
    if project.parts.given == "column":
        raise FairnessError("decisions come from a column; the model behind it is not here to be explained")
    rows = project.rows(options.table)
    if not 1 <= options.row <= len(rows):
        raise FairnessError(f"there is no row {options.row}; the table has {len(rows)}")
    background = explanation.people(project.reference, project.groupings, explanation.BACKGROUND, SEED + 1)
    _show(explanation.surrogate(project.parts, rows[options.row - 1], background))
    return HELD


def _account(_: argparse.Namespace) -> int:
    from fairness import account, shipped

    print(json.dumps(account.account(shipped.here())))
    return HELD


def _show(found: Any) -> None:
    print(json.dumps(found, indent=1, ensure_ascii=False))

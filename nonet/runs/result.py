"""What a run came to, read from its folder: one object for people, one JSON object for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

from nonet.errors import NeedsAnswer, NonetError, Stopped
from nonet.runs.lock import held
from nonet.state import Json

SCHEMA = 1
_DECISION = ("winner", "design", "reason", "tie", "comparisons", "pareto")
_HOLDOUT = ("winner", "baseline", "metric", "difference", "claim", "smallest_shown", "units_for", "times_opened")
_TARGET = ("name", "wanted", "measured", "low", "high", "met", "holdout")
Status = Literal["running", "done", "needs_answer", "failed", "stopped_by_budget"]


@dataclass(frozen=True)
class Run:
    """A run: finished, failed, or waiting for an answer.

    Attributes:
        folder: the run folder, absolute.
        status: done | needs_answer | failed | stopped_by_budget (running while another process drives it).
        error: what went wrong, when ``status`` is failed.
    """

    folder: Path
    status: Status
    error: NonetError | None = None

    @property
    def run_id(self) -> str:
        """The run's name."""
        return str(_read(self.folder / "run.json", {}).get("run_id", self.folder.name))

    @property
    def decision(self) -> Any:
        """Its fields as attributes (winner, design, reason, tie, comparisons, pareto …); ``None`` before it."""
        found = _read(self.folder / "decision.json", {}).get("decision")
        return SimpleNamespace(**cast("dict[str, Any]", found)) if found else None

    @property
    def holdout(self) -> Any:
        """The claim on the sealed holdout, as in ``json()``."""
        return self.json()["holdout"]

    @property
    def report(self) -> Path | None:
        """Path of ``report.md``."""
        return _existing(self.folder / "report.md")

    @property
    def project(self) -> Path | None:
        """Folder of the shipped project."""
        return _existing(self.folder / "project")

    @property
    def exit_code(self) -> int:
        """0 done or stopped by budget, 4 needs an answer, else the error's."""
        if self.status == "needs_answer":
            return 4
        if self.status == "failed":
            return self.error.exit_code if self.error else int(_read(self.folder / "outcome.json", {}).get("exit", 1))
        return 0

    def unmet(self) -> list[str]:
        """Names of the user's targets that were missed or not shown, on selection or on the holdout."""
        return [str(target["name"]) for target in self.json()["targets"] or () if target["met"] is not True]

    def json(self) -> dict[str, Any]:
        """The result as the stable JSON object (schema 1); what does not apply is ``None``, paths are absolute.

        Only where a model judged answers is there ``judge``: who it was, and which metrics are its opinion; only where
        a workflow claims on more than its objective is there ``beside``: those claims, as in ``holdout``.
        """
        folder = self.folder
        outcome = _read(folder / "outcome.json", {})
        decided = _read(folder / "decision.json", {})
        delivered = _read(folder / "delivery.json", {})
        beside = delivered.get("beside") or ()
        return {
            "schema": SCHEMA,
            "run_id": self.run_id,
            "workflow": _read(folder / "run.json", {}).get("workflow"),
            "status": self.status,
            "question": outcome.get("question"),
            "error": self._error(outcome),
            "decision": _only(_DECISION, decided.get("decision")),
            "baseline": decided.get("baseline"),
            "metrics": decided.get("metrics"),
            "holdout": _only(_HOLDOUT, delivered.get("holdout")),
            "targets": _rows(delivered.get("targets") or decided.get("targets")),
            "standing_targets": _rows(delivered.get("standing_targets") or decided.get("standing_targets")),
            "labels": decided.get("labels"),
            "seats": decided.get("seats"),
            "budget": decided.get("budget"),
            "isolation": decided.get("isolation"),
            "seconds": outcome.get("seconds"),
            "paths": {
                "run": str(folder),
                "report": _text(self.report),
                "project": _text(self.project),
            },
            **({"judge": decided["judge"]} if "judge" in decided else {}),
            **({"beside": [_only(_HOLDOUT, each) for each in beside]} if beside else {}),
        }

    def _error(self, outcome: dict[str, Any]) -> Json:
        if self.error is not None:
            return _described(self.error)
        return outcome.get("error")


def load(folder: Path) -> Run:
    """Read a run from its folder."""
    status: Status = _read(folder / "outcome.json", {}).get("status", "running")
    if status == "running" and (folder / "outcome.json").exists() and not held(folder):
        ended = Stopped("The run's process was ended from outside.", f"Go on: nonet resume {folder.name}")
        return Run(folder.absolute(), "failed", ended)
    return Run(folder.absolute(), status)


def failure(error: NonetError) -> dict[str, Any]:
    """The JSON object of a request that was refused, or must be answered, before there was a run."""
    asks = isinstance(error, NeedsAnswer)
    return {
        "schema": SCHEMA,
        **dict.fromkeys(("run_id", "workflow")),
        "status": "needs_answer" if asks else "failed",
        "question": {"question": str(error), "fields": list(error.fields), "form": None} if asks else None,
        "error": None if asks else _described(error),
        **dict.fromkeys(("decision", "baseline", "metrics", "holdout", "targets", "standing_targets", "labels")),
        **dict.fromkeys(("seats", "budget", "isolation", "seconds")),
        "paths": {"run": None, "report": None, "project": None},
    }


def _described(error: NonetError) -> dict[str, Json]:
    return {"code": error.code, "message": error.message, "remedy": error.remedy}


def _only(fields: Sequence[str], record: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Keep the fields of schema 1 of what the run folder says more about."""
    return None if record is None else {name: record[name] for name in fields}


def _rows(records: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any] | None] | None:
    return None if records is None else [_only(_TARGET, record) for record in records]


def _read(path: Path, default: dict[str, Any]) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None


def _text(path: Path | None) -> str | None:
    return str(path) if path else None

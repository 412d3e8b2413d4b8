"""What a run came to, read from its folder: one object for people, one JSON object for machines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

from nonet.errors import NonetError
from nonet.state import Json

SCHEMA = 1
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
        found = self.json()["decision"]
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
        """The result as the stable JSON object (schema 1); what does not apply is ``None``, paths are absolute."""
        folder = self.folder
        outcome = _read(folder / "outcome.json", {})
        decided = _read(folder / "decision.json", {})
        delivered = _read(folder / "delivery.json", {})
        return {
            "schema": SCHEMA,
            "run_id": self.run_id,
            "workflow": _read(folder / "run.json", {}).get("workflow"),
            "status": self.status,
            "question": outcome.get("question"),
            "error": self._error(outcome),
            "decision": decided.get("decision"),
            "baseline": decided.get("baseline"),
            "metrics": decided.get("metrics"),
            "holdout": delivered.get("holdout"),
            "targets": delivered.get("targets") or decided.get("targets"),
            "standing_targets": delivered.get("standing_targets") or decided.get("standing_targets"),
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
        }

    def _error(self, outcome: dict[str, Any]) -> Json:
        if self.error is not None:
            return {"code": self.error.code, "message": self.error.message, "remedy": self.error.remedy}
        return outcome.get("error")


def load(folder: Path) -> Run:
    """Read a run from its folder."""
    outcome = _read(folder / "outcome.json", {})
    return Run(folder.absolute(), outcome.get("status", "running"))


def failure(error: NonetError) -> dict[str, Any]:
    """The JSON object of a request that was refused before there was a run."""
    blank = dict.fromkeys(
        ("run_id", "workflow", "question", "decision", "baseline", "metrics", "holdout", "targets", "standing_targets"),
        None,
    ) | dict.fromkeys(("labels", "seats", "budget", "isolation", "seconds"), None)
    described = {"code": error.code, "message": error.message, "remedy": error.remedy}
    paths = {"run": None, "report": None, "project": None}
    return {"schema": SCHEMA, **blank, "status": "failed", "error": described, "paths": paths}


def _read(path: Path, default: dict[str, Any]) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None


def _text(path: Path | None) -> str | None:
    return str(path) if path else None

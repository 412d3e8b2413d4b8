"""Reading a run folder into an ``Account``; what a run did not leave behind is absent, not an error."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from nonet.graphs.steps.consult import opinions
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.reporting.account import (
    Account,
    BudgetRow,
    CallRow,
    CandidateRow,
    Concluded,
    Data,
    Delivery,
    ErrorRow,
    Extent,
    Holdout,
    Integrity,
    LabelRow,
    Metrics,
    SeatRow,
    TargetRow,
    TestsRow,
)
from nonet.graphs.steps.spending import spending
from nonet.trials.claim import NO_HOLDOUT, Claim
from nonet.trials.contract import Exclusion, Finding, Skipped
from nonet.trials.decision import Decision, TargetResult
from nonet.trials.ledger import Ledger

_NOT_HASHES = ("packages", "machine", "commands", "openings", "isolation")


def gather(desk: Desk, notes: Sequence[str]) -> Account:
    """Read what the steps left in the run folder.

    Raises:
        FileNotFoundError: nothing was decided yet.
    """
    from pydantic import TypeAdapter

    decided: dict[str, Any] = desk.read("decision.json")
    delivered = _optional(desk, "delivery.json")
    proposal = _optional(desk, "proposal.json")
    metrics = TypeAdapter(Metrics)
    ledger = Ledger(desk.folder / "spent.jsonl")
    return Account(
        run_id=desk.run_id,
        blueprint=desk.blueprint,
        brief=desk.brief,
        values=desk.settings.values,
        evidence=desk.evidence(),
        calls=[CallRow.model_validate(row) for row in desk.rows("calls.jsonl")],
        exclusions=[Exclusion(**_referred(row)) for row in _rows(proposal, "exclusions")],
        findings=[Finding(**_referred(row)) for row in _rows(proposal, "findings")],
        concluded=_concluded(desk),
        data=_data(desk),
        parts={part: len(indexes) for part, indexes in _optional(desk, "split.json").items()},
        compared=_optional(desk, "measurements.json").get("compared") or 0,
        decision=Decision.from_json(_known(Decision, decided["decision"])),
        second=Decision.from_json(_known(Decision, decided["second"])) if decided.get("second") else None,
        pool=_part(decided, "pool"),
        judge=_part(decided, "judge"),
        baseline_key=decided["baseline"]["candidate"],
        winner_metrics=metrics.validate_python(decided.get("metrics")),
        baseline_metrics=metrics.validate_python(decided["baseline"].get("metrics")),
        by_kind={
            kind: {key: metrics.validate_python(found) for key, found in candidates.items()}
            for kind, candidates in _part(decided, "by_kind").items()
        },
        rows=[CandidateRow.model_validate(row) for row in decided["candidates"]],
        targets=[_target(row) for row in _rows(delivered, "targets") or _rows(decided, "targets")],
        standing_targets=[
            _target(row) for row in _rows(delivered, "standing_targets") or _rows(decided, "standing_targets")
        ],
        labels=[LabelRow.model_validate(row) for row in _rows(decided, "labels")],
        seats=[SeatRow.model_validate(row) for row in _rows(decided, "seats")],
        budget=BudgetRow.model_validate(decided["budget"]),
        isolation=str(decided.get("isolation") or "none"),
        errors=[ErrorRow.model_validate(row) for row in _rows(decided, "errors")],
        differences=_numbers(decided, "differences"),
        model=str(_part(decided, "agents").get("model") or desk.settings.model),
        delivery=_delivery(delivered),
        integrity=_integrity(_optional(desk, "integrity.json")),
        spent=ledger.entries(),
        spent_seconds=ledger.spent_seconds(),
        pattern=_optional(desk, "pattern.json"),
        approval=_optional(desk, "approval.json"),
        notes=list(dict.fromkeys([*_sentences(decided, "notes"), *notes])),
        commands=_commands(desk),
        council=opinions.council(desk),
        said=list(opinions.given(desk).values()),
        asked=spending(desk).rows(),
    )


def _concluded(desk: Desk) -> list[Concluded]:
    """Read what models made of the evidence; of a step that ran anew its last word."""
    rows = [Concluded.model_validate(row) for row in desk.rows("findings.jsonl")]
    return sorted({row.step: row for row in rows}.values(), key=lambda row: row.step)


def _optional(desk: Desk, name: str) -> dict[str, Any]:
    found: dict[str, Any] | None = desk.read(name) if desk.has(name) else None
    return found or {}


def _part(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    return found.get(name) or {}


def _rows(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return found.get(name) or []


def _sentences(found: Mapping[str, Any], name: str) -> list[str]:
    return found.get(name) or []


def _numbers(found: Mapping[str, Any], name: str) -> list[float]:
    return found.get(name) or []


def _known(kind: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in row.items() if name in names}


def _referred(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": tuple(row.get("evidence") or ())}


def _target(row: Mapping[str, Any]) -> TargetRow:
    return TargetRow(TargetResult(**_known(TargetResult, row)), str(row.get("needs") or ""))


def _data(desk: Desk) -> Data:
    data, units = _optional(desk, "data.json"), _optional(desk, "units.json")
    return Data(
        fingerprint=data.get("fingerprint") or {},
        counts=data.get("counts") or {},
        skipped=[Skipped(str(row["name"]), str(row["reason"])) for row in _rows(data, "skipped")],
        files=len(_rows(data, "files")),
        hidden=bool(units.get("hidden")),
        notes=_sentences(units, "notes"),
        warnings=_sentences(units, "warnings"),
    )


def _delivery(delivered: Mapping[str, Any]) -> Delivery:
    claim, tests, emitted = (delivered.get(name) for name in ("holdout", "tests", "emitted"))
    return Delivery(
        claim=Claim.from_json(_known(Claim, claim)) if claim else NO_HOLDOUT,
        beside=[Claim.from_json(_known(Claim, each)) for each in delivered.get("beside", ())],
        metrics=Holdout.model_validate(delivered.get("holdout_metrics") or {}),
        differences=_numbers(delivered, "differences"),
        tests=TestsRow.model_validate(tests) if tests else None,
        emitted=Extent.model_validate(emitted) if emitted else None,
    )


def _integrity(found: Mapping[str, Any]) -> Integrity | None:
    if not found:
        return None
    return Integrity(
        hashes={name: value for name, value in found.items() if name not in _NOT_HASHES and value},
        packages=found.get("packages") or {},
        machine=found.get("machine") or {},
        commands=_sentences(found, "commands"),
        openings=found.get("openings"),
    )


def _commands(desk: Desk) -> list[str]:
    path = desk.folder / "project" / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return []
    return sorted(project.get("scripts", {}))

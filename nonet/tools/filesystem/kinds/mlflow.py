"""MLflow runs: folders of the file store (``metrics``, ``params``, ``tags``, ``meta.yaml``) and ``mlflow.db``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from nonet.state import Scalar
from nonet.tools.filesystem.kinds.described import Described, Values, scalar, shortened
from nonet.tools.filesystem.kinds.records import points
from nonet.tools.filesystem.kinds.series import Series
from nonet.tools.filesystem.kinds.training_log import training_log
from nonet.tools.filesystem.kinds.yaml_text import parse
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "MLflow run"
STATUSES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


def is_run(meta: str) -> bool:
    """Whether a ``meta.yaml`` is that of a run; an experiment has one too."""
    return any(line.startswith(("run_id:", "run_uuid:")) for line in meta.splitlines()[:40])


def file_store_run(
    meta: str, parameters: Mapping[str, str], metrics: Mapping[str, str], notes: Sequence[str]
) -> Described:
    """Describe a run of the file store.

    Args:
        meta: text of ``meta.yaml``.
        parameters: texts of the files under ``params``, by name.
        metrics: texts of the files under ``metrics``, by name: lines of time in milliseconds, value, step.
        notes: what was left out of it.
    """
    try:
        fields = parse(meta).value
    except Unreadable as error:
        fields, notes = {}, [*notes, f"Its meta.yaml {error.reason}."]
    told = cast("dict[object, object]", fields) if isinstance(fields, dict) else {}
    series = [points(text, name) for name, text in metrics.items()]
    return run(
        name=str(told.get("run_name") or told.get("run_id") or told.get("run_uuid") or ""),
        status=STATUSES.get(_integer(told.get("status")), str(told.get("status", ""))),
        milliseconds=_duration(told.get("start_time"), told.get("end_time")),
        parameters={name: scalar(_number(text.strip())) for name, text in parameters.items()},
        series=[each for each in series if each.values],
        notes=notes,
    )


def run(
    name: str,
    status: str,
    milliseconds: int | None,
    parameters: Values,
    series: Sequence[Series],
    notes: Sequence[str] = (),
) -> Described:
    """Describe a run by what either store says of it."""
    described = training_log(series, "MLflow", parameters, notes, kind=KIND)
    facts: dict[str, Scalar] = {"run": shortened(name), "status": shortened(status, 40)}
    if milliseconds is not None:
        facts["seconds"] = milliseconds / 1000
    described.facts.update(facts)
    lasted = f", {milliseconds / 1000:,.1f} seconds" if milliseconds is not None else ""
    lines = [f"Run {facts['run']}: {facts['status'] or 'status unknown'}{lasted}.", *described.lines]
    return Described(KIND, lines, described.facts, described.series, described.notes)


def _duration(start: object, end: object) -> int | None:
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= end - start < 1 << 53:
        return None
    return end - start


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _number(text: str) -> int | float | str:
    """Return a parameter, which MLflow keeps as text, as the number it was."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parameter(text: object) -> Scalar:
    """Return a parameter's typed value."""
    return scalar(_number(str(text)))

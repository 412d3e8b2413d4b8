"""Runs that evals look into: made once, kept in a folder, gone on with where one was broken off."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nonet
from nonet.runs.result import Run

GOAL = "Answer questions over these documents"


def finished(
    out: Path, inputs: Mapping[str, str], budget: str, settings: nonet.Settings, target: tuple[str, ...] = ()
) -> Run:
    """Return the finished run of ``rag_system`` in ``out``, or make it.

    Args:
        inputs: of the workflow.
        target: bars such as ``p95_latency_ms<200``.

    Raises:
        SystemExit: it ended without a project; the message says why.
    """
    if out.exists():
        run = nonet.resume(out, settings=settings)
    else:
        run = nonet.run("rag_system", GOAL, target=target, budget=budget, out=out, settings=settings, **inputs)
    if run.project is None:
        raise SystemExit(f"The run in {out} ended without a project: {run.error}")
    return run

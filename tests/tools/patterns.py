"""Patterns and notes for tests of the memory."""

from __future__ import annotations

from typing import Any

from nonet.tools.qdrant import Measured, Pattern, Provenance


def pattern(units: int = 100, score: float = 0.8, run: str = "r1", **fields: Any) -> Pattern:
    """A decision of ``rag_system``."""
    given: dict[str, Any] = {
        "workflow": "rag_system",
        "design": {"chunking": "windows", "chunk_size": 120},
        "metric": "ndcg@10",
        "direction": "maximise",
        "metrics": {"ndcg@10": Measured(value=score, low=score - 0.1, high=score + 0.1, n=units)},
        "labels": ["made"],
        "fingerprint": {"units": units, "language": "en"},
        "environment": {"python": "3.11"},
        "provenance": Provenance(run_id=run, nonet="0"),
    }
    return Pattern(**{**given, **fields})


def note(text: str) -> dict[str, Any]:
    """The body of a note that everyone finds."""
    return {"information": text, "kind": "technique", "tags": [], "tier": "global", "project": ""}

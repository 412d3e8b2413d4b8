"""What building a design took, summed over its stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nonet.trials.store import StageRecord


@dataclass(frozen=True)
class Build:
    """What building a design took.

    Attributes:
        seconds: of all its stages, whether built now or shared.
        charged_seconds: of the stages built by this call.
        resources: what the workers counted, summed over its stages.
        bytes: size of its stages.
        peak_memory_bytes: the largest resident size while one of them was built.
    """

    seconds: float
    charged_seconds: float
    resources: Mapping[str, float]
    bytes: int
    peak_memory_bytes: float


def summed(records: Sequence[StageRecord], charged: float) -> Build:
    """Sum the records of a design's stages; ``charged`` are the seconds of those that were built now."""
    counted = dict.fromkeys(name for record in records for name in record.resources)
    return Build(
        seconds=sum(record.seconds for record in records),
        charged_seconds=charged,
        resources={name: sum(record.resources.get(name, 0.0) for record in records) for name in counted},
        bytes=sum(record.bytes for record in records),
        peak_memory_bytes=max((record.peak_memory_bytes for record in records), default=0.0),
    )

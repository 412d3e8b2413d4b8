"""What goes to a worker and what is taken back: units without labels, outputs from a plain file."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials.contract import Unit


def blind(units: Sequence[Unit]) -> list[Json]:
    """Return what a worker may see of units: keys and features, never labels."""
    return [{"key": unit.key, "features": dict(unit.features)} for unit in units]


def outputs(path: Path, count: int) -> list[Json]:
    """Read a worker's outputs, one JSON value a line.

    Only from a plain file: through a link we would read, and hand on, what the worker may not see.

    Raises:
        TrialError: it is no plain file, no JSON, or not ``count`` lines.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, encoding="utf-8") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise TrialError("run: the outputs are no plain file.")
            values: list[Json] = [json.loads(line) for line in file]
    except (OSError, ValueError) as error:
        raise TrialError(f"run: the outputs cannot be read: {error}.") from error
    if len(values) != count:
        raise TrialError(f"run: {len(values)} outputs for {count} units.")
    return values

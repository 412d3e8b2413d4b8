"""What is told of a model to the rules and the memory: kind, size, shapes and the processor; no name, no weight."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from nonet.blueprints.model_optimization import machine
from nonet.state import Json
from nonet.trials.contract import UnitSet


def of(parsed: Path, units: UnitSet) -> dict[str, Json]:
    """Describe a parsed data folder."""
    meta: dict[str, Any] = json.loads((parsed / "meta.json").read_text(encoding="utf-8"))
    size = sum(path.stat().st_size for path in (parsed / "model").rglob("*") if path.is_file())
    numbers = max((math.prod(axis or 1 for axis in port["shape"][1:]) for port in meta["ports"]), default=0)
    return {
        "units": len(units.units),
        "format": meta["format"],
        "module": bool(meta["module"]),
        "transformer": bool(meta["transformer"]),
        "heads": meta["heads"],
        "outputs": meta["outputs"],
        "kind": meta["main"]["kind"],
        "model_bytes": size,
        "input_numbers": numbers,
        "threads": meta["threads"],
        "labels": units.units[0].kind,
        "processor": ",".join(sorted(machine.flags())),
    }

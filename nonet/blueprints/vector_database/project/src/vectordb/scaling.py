"""What more rows would need: the index built at several sizes, power laws through what was measured, and their error.

``measured = a · rows ** b``, by least squares of the logarithms. The error of each law is what it says of the largest
size when it is fitted on the smaller ones alone, relative to what was measured there. Extrapolation assumes that the
rows to come are like those at hand; where the factor is large the error at the end is larger than this one.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb import data
from vectordb.conditions import Columns
from vectordb.design import Design
from vectordb.engines import contract
from vectordb.errors import DesignError

FILE = "scaling.json"
SHARES = (0.125, 0.25, 0.5, 1.0)
SEARCHES = 60
FEWEST = 200
"""Rows of the smallest size at least."""


@dataclass(frozen=True)
class Law:
    """``a · rows ** b``; ``error`` is relative, at the largest measured size, of the law fitted without it."""

    a: float
    b: float
    error: float

    def at(self, rows: float) -> float:
        """Return what the law says of so many rows."""
        return self.a * rows**self.b


def measure(design: Design, searched: Path, records: Path, out: Path) -> dict[str, float]:
    """Build at growing shares of the rows and fit the laws, where a scale was asked for; else leave an empty record.

    Returns:
        ``scale_*``: what the scale would need, and the largest relative error of the laws.
    """
    meta = data.read_meta(records)
    vectors: NDArray[np.float32] = np.load(searched / "vectors.npy")
    points: list[dict[str, float]] = []
    if meta.scale:
        payloads = data.read_rows(records / "payloads.jsonl") or None
        sizes = sorted({int(share * len(vectors)) for share in SHARES if int(share * len(vectors)) >= FEWEST})
        points = [_point(design, vectors[:rows], meta.metric, payloads and payloads[:rows]) for rows in sizes]
    if len(points) < 3:
        (out / FILE).write_text(json.dumps({"scale": meta.scale, "points": points, "laws": {}}), encoding="utf-8")
        return {}
    laws = {name: fit(points, name) for name in ("build_seconds", "bytes", "latency_ms")}
    written = {"scale": meta.scale, "points": points, "laws": {name: asdict(law) for name, law in laws.items()}}
    (out / FILE).write_text(json.dumps(written, indent=1), encoding="utf-8")
    return {
        "scale_build_seconds": laws["build_seconds"].at(meta.scale),
        "scale_bytes": laws["bytes"].at(meta.scale),
        "scale_latency_ms": laws["latency_ms"].at(meta.scale),
        "scale_error": max(law.error for law in laws.values()),
    }


def fit(points: Sequence[Mapping[str, float]], name: str) -> Law:
    """Fit a law through measured points, which are in order of their rows."""
    a, b = _through(points, name)
    short_a, short_b = _through(points[:-1], name)
    last = points[-1]
    return Law(a, b, abs(short_a * last["rows"] ** short_b - last[name]) / last[name])


def read(folder: Path) -> tuple[int, list[dict[str, float]], dict[str, Law]]:
    """Return the scale, the points and the laws that were kept."""
    held: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return int(held["scale"]), list(held["points"]), {name: Law(**law) for name, law in held["laws"].items()}


def _through(points: Sequence[Mapping[str, float]], name: str) -> tuple[float, float]:
    rows = np.log([point["rows"] for point in points])
    values = np.log([max(point[name], 1e-9) for point in points])
    slope, intercept = np.polyfit(rows, values, 1)
    return math.exp(float(intercept)), float(slope)


def _point(
    design: Design, vectors: NDArray[np.float32], metric: str, payloads: Sequence[Mapping[str, Any]] | None
) -> dict[str, float]:
    """Build and search one size: seconds, bytes, and the median latency of searches by stored vectors."""
    with tempfile.TemporaryDirectory(prefix="vectordb-") as aside:
        out = Path(aside)
        began = time.perf_counter()
        try:
            contract.build(design, vectors, metric, payloads, out)
        except DesignError as error:
            raise DesignError(f"At {len(vectors)} rows, a size to extrapolate from: {error}") from error
        seconds = time.perf_counter() - began
        stored = float(sum(path.stat().st_size for path in out.rglob("*") if path.is_file()))
        engine = contract.open_engine(design, out, metric, Columns(payloads) if payloads else None)
        times: list[float] = []
        for row in np.linspace(0, len(vectors) - 1, SEARCHES).astype(int).tolist():
            began = time.perf_counter()
            engine.search(vectors[row], 10, None)
            times.append((time.perf_counter() - began) * 1000)
    return {
        "rows": float(len(vectors)),
        "build_seconds": seconds,
        "bytes": stored,
        "latency_ms": float(np.median(times)),
    }

"""What more rows would need: small shares of the index built too, laws through what was measured, and their error.

The whole index is the largest size; the others are a quarter of the rows or fewer, so that they cost less than it did.
A law is ``base + a · growth(rows)``, neither below 0, by least squares of relative errors. How a part grows is the
engine's own: a scan looks at every row, a graph descends in steps that grow with the logarithm (Malkov & Yashunin
2018), an inverted file looks at cells that grow with the square root. A free exponent would be fitted to what a call
costs whatever the rows, and be wrong by orders of magnitude. The error of a law is what it says of the largest
size when fitted on the smaller ones alone, relative to what was measured there. Extrapolation assumes rows to come like
those at hand, in memory; where the factor is large the error at the end is larger than this one.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
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
LAWS = ("build_seconds", "bytes", "latency_ms")
"""What is extrapolated; bytes only where the engine tells them."""
BUILT = "built.json"
"""Beside an index: the seconds that it took to build and its bytes."""
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4)
SEARCHES = 60
FEWEST = 256
"""Rows of the smallest size at least: as many as a product quantizer is trained on."""
QUICK, AGAIN = 0.3, 3
"""Seconds of builds below which a build is repeated, and how often at most: the noise of a machine is as large."""
FEWEST_POINTS = 3
HEADROOM = 1.3
"""Memory beyond the index: the process, rows being ingested while the index before answers."""
HOURS_A_MONTH = 730


GROWTHS: Mapping[str, Callable[[float], float]] = {
    "rows": lambda rows: rows,
    "rows · log rows": lambda rows: rows * math.log(rows),
    "rows · √rows": lambda rows: rows * math.sqrt(rows),
    "√rows": math.sqrt,
    "log rows": math.log,
}
_SCAN = {"build_seconds": "rows", "bytes": "rows", "latency_ms": "rows"}
_CELLS = {"build_seconds": "rows · √rows", "bytes": "rows", "latency_ms": "√rows"}
_GRAPH = {"build_seconds": "rows · log rows", "bytes": "rows", "latency_ms": "log rows"}


@dataclass(frozen=True)
class Law:
    """``base + a · growth(rows)``; ``error`` is relative, at the largest size, of the law fitted without it."""

    base: float
    a: float
    growth: str
    error: float

    def at(self, rows: float) -> float:
        """Return what the law says of so many rows."""
        return self.base + self.a * GROWTHS[self.growth](rows)

    def text(self) -> str:
        """Write it for people."""
        return f"{self.base:.3g} + {self.a:.3g} · {self.growth}, off by {100 * self.error:.0f} %"


def growths(design: Design) -> Mapping[str, str]:
    """Return how build, bytes and latency of a design's engine grow."""
    if design.engine in ("faiss_flat", "faiss_sq8"):
        return _SCAN
    if design.engine in ("faiss_ivf", "faiss_ivfpq"):
        return _SCAN if design.lists else _CELLS
    return _GRAPH


def measure(
    design: Design, searched: Path, index: Path, records: Path, out: Path, beside: float = 0.0
) -> dict[str, float]:
    """Build small shares of the rows and fit the laws through them and the whole, which is built already.

    Where no scale was asked for an empty record is left.

    Args:
        design: what was built.
        searched: the folder of the vectors that the engine holds.
        index: the folder of its index.
        records: the folder of the rows' records.
        out: an empty folder.
        beside: bytes of a row that are needed besides the engine's index: its token vectors.

    Returns:
        ``scale_*``: what the scale would need, and the largest relative error of the laws.
    """
    meta = data.read_meta(records)
    vectors: NDArray[np.float32] = np.load(searched / "vectors.npy", mmap_mode="r")
    points: list[dict[str, float]] = []
    sizes = shares(len(vectors)) if meta.scale else []
    if sizes:
        payloads = data.read_rows(records / "payloads.jsonl") or None
        points = [_small(design, vectors, rows, meta.metric, payloads) for rows in sizes]
        points.append(_whole(design, vectors, index, meta.metric, payloads))
        points = [
            {**point, "bytes": point["bytes"] + beside * point["rows"]} if "bytes" in point else point
            for point in points
        ]
    if len(points) < FEWEST_POINTS:
        (out / FILE).write_text(json.dumps({"scale": meta.scale, "points": points, "laws": {}}), encoding="utf-8")
        return {}
    shapes = growths(design)
    laws = {name: fit(points, name, shapes[name]) for name in LAWS if all(name in point for point in points)}
    written = {"scale": meta.scale, "points": points, "laws": {name: asdict(law) for name, law in laws.items()}}
    (out / FILE).write_text(json.dumps(written, indent=1), encoding="utf-8")
    told = {f"scale_{name}": law.at(meta.scale) for name, law in laws.items()}
    told["scale_error"] = max(law.error for law in laws.values())
    if meta.price_per_gb_hour and "bytes" in laws:
        needed = HEADROOM * told["scale_bytes"] / 1e9 * meta.replicas
        told["scale_cost_per_month"] = needed * meta.price_per_gb_hour * HOURS_A_MONTH
    return told


def shares(rows: int) -> list[int]:
    """Return the sizes to build besides the whole: the three smallest shares that hold enough rows."""
    return [int(share * rows) for share in SHARES if int(share * rows) >= FEWEST][:3]


def fit(points: Sequence[Mapping[str, float]], name: str, growth: str) -> Law:
    """Fit a law through measured points, which are in order of their rows."""
    base, a = _through(points, name, growth)
    short = Law(*_through(points[:-1], name, growth), growth, 0.0)
    last = points[-1]
    return Law(base, a, growth, abs(short.at(last["rows"]) - last[name]) / max(last[name], 1e-12))


def read(folder: Path) -> tuple[int, list[dict[str, float]], dict[str, Law]]:
    """Return the scale, the points and the laws that were kept."""
    held: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return int(held["scale"]), list(held["points"]), {name: Law(**law) for name, law in held["laws"].items()}


def _through(points: Sequence[Mapping[str, float]], name: str, growth: str) -> tuple[float, float]:
    """Return base and slope with the least sum of squared relative errors, neither below 0."""
    grown = np.array([GROWTHS[growth](point["rows"]) for point in points])
    values = np.array([max(point[name], 1e-12) for point in points])
    ones = 1.0 / values
    slopes = grown / values
    base, a = np.linalg.lstsq(np.column_stack([ones, slopes]), np.ones(len(points)), rcond=None)[0]
    if a < 0:
        return float(ones.sum() / (ones**2).sum()), 0.0
    if base < 0:
        return 0.0, float(slopes.sum() / (slopes**2).sum())
    return float(base), float(a)


def _small(
    design: Design,
    vectors: NDArray[np.float32],
    rows: int,
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
) -> dict[str, float]:
    """Build and search one size, its rows evenly spaced; what takes no time is built again, the quickest counts."""
    places = np.linspace(0, len(vectors) - 1, rows).astype(int)
    chosen = np.ascontiguousarray(vectors[places])
    told = [payloads[place] for place in places.tolist()] if payloads else None
    took: list[float] = []
    while True:
        with tempfile.TemporaryDirectory(prefix="vectordb-") as aside:
            out = Path(aside)
            began = time.perf_counter()
            try:
                contract.build(design, chosen, metric, told, out)
            except DesignError as error:
                raise DesignError(f"At {rows} rows, a size to extrapolate from: {error}") from error
            took.append(time.perf_counter() - began)
            point = {"rows": float(rows), "build_seconds": min(took)}
            if (stored := contract.stored_bytes(design, out)) is not None:
                point["bytes"] = stored
            if len(took) == AGAIN or sum(took) > QUICK:
                engine = contract.open_engine(design, out, metric, _columns(told))
                point["latency_ms"] = _latency(engine, chosen)
                contract.discard(design, out)
                return point
            contract.discard(design, out)


def _whole(
    design: Design,
    vectors: NDArray[np.float32],
    index: Path,
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
) -> dict[str, float]:
    """Take the whole as it was built and search it; one that was built in no time is built again beside it."""
    told = json.loads((index / BUILT).read_text(encoding="utf-8"))
    seconds = float(told["indexing_seconds"])
    if seconds <= QUICK:
        again = _small(design, vectors, len(vectors), metric, payloads)
        return {**again, "build_seconds": min(seconds, again["build_seconds"])}
    point = {"rows": float(len(vectors)), "build_seconds": seconds}
    if "engine_bytes" in told:
        point["bytes"] = float(told["engine_bytes"])
    engine = contract.open_engine(design, index, metric, _columns(payloads))
    return {**point, "latency_ms": _latency(engine, vectors)}


def _columns(payloads: Sequence[Mapping[str, Any]] | None) -> Columns | None:
    return Columns(payloads) if payloads else None


def _latency(engine: contract.Engine, vectors: NDArray[np.float32]) -> float:
    """Return the median milliseconds of searches by stored vectors, evenly spaced."""
    times: list[float] = []
    for row in np.linspace(0, len(vectors) - 1, SEARCHES).astype(int).tolist():
        began = time.perf_counter()
        engine.search(np.asarray(vectors[row]), 10, None)
        times.append((time.perf_counter() - began) * 1000)
    return float(np.median(times))

"""What a model costs to serve, measured in a process of its own: start-up, memory, throughput in batches, size.

Run as ``python -m optimization.footprint MODEL_FOLDER EXAMPLES_FOLDER``: it says ``ready`` after its first prediction,
then one line of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from optimization import data, examples, opened
from optimization.models import ModelError

BATCHES = (1, 4, 16, 64)
SECONDS = 0.4
"""Of every throughput and of the probe."""
_LIMIT = 600.0
_PROBED = 8
_MILLION = 1_000_000


def measured(folder: Path, rows: Path, meta: data.Meta) -> dict[str, float]:
    """Return a built model's resources.

    Args:
        folder: of the model.
        rows: folder of the examples.
        meta: what is known of the model; its price makes the cost per million predictions.

    Raises:
        ModelError: the model cannot be loaded or run in a fresh process.
    """
    command = [sys.executable, "-m", "optimization.footprint", str(folder), str(rows)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None:
            raise ModelError("the fresh process has no output")
        ready = process.stdout.readline().strip()
        startup = time.perf_counter() - began
        rest, complaints = process.communicate(timeout=_LIMIT)
    if process.returncode or ready != "ready":
        lines = [line for line in complaints.splitlines() if line.strip()]
        raise ModelError(
            f"the model does not run in a fresh process: {lines[-1][:300] if lines else process.returncode}"
        )
    told: dict[str, float] = json.loads(rest.strip().splitlines()[-1])
    found = {**told, "startup_seconds": startup, "model_bytes": float(size(folder))}
    if meta.price_per_hour:
        found["cost_per_million"] = meta.price_per_hour / 3600 / told["throughput"] * _MILLION
    return found


def size(folder: Path) -> int:
    """Return the bytes of the files that a prediction needs."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(folder: Path, rows: Path) -> None:
    """Load, predict, say so; then time."""
    model, arrays = opened.load(folder), examples.load(rows)
    count = examples.count(arrays)
    ones = [
        {name: np.array(each) for name, each in examples.row(arrays, place).items()}
        for place in range(min(_PROBED, count))
    ]
    model.raw(ones[0])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    probe = _probe(model, ones)
    memory = _memory()
    rates = {batch: rate for batch in BATCHES if (rate := _rate(model, arrays, count, batch)) is not None}
    best = max(rates, key=lambda batch: rates[batch])
    said = {
        "probe_ms": probe,
        "serving_memory_bytes": memory,
        "throughput": rates[best],
        "throughput_batch": float(best),
    }
    sys.stdout.write(json.dumps(said) + "\n")


def _probe(model: opened.Optimized, ones: list[examples.Arrays]) -> float:
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < len(ones):
        began = time.perf_counter()
        model.raw(ones[len(times) % len(ones)])
        times.append((time.perf_counter() - began) * 1000)
    return float(np.median(times))


def _rate(model: opened.Optimized, arrays: examples.Arrays, count: int, batch: int) -> float | None:
    """Return examples per second in batches; ``None`` where the model takes no batch of that size."""
    index = np.arange(batch) % count
    inputs = {name: np.array(each[index]) for name, each in arrays.items()}
    try:
        model.raw(inputs)
    except ModelError:
        if batch == 1:
            raise
        return None
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS or not done:
        model.raw(inputs)
        done += batch
    return done / (time.perf_counter() - began if done else spent)


def _memory() -> float:
    """Return the largest resident size of this process; its parent's does not count, as ``getrusage`` would have it."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return float(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

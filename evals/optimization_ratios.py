"""What INT8 is worth on a sentence encoder, as ratios of one interleaved run on one thread.

    uv run python evals/optimization_ratios.py [--work FOLDER]

MiniLM (all-MiniLM-L6-v2, PyTorch float32, from the package that ``nonet demo model_optimization`` installs) is
optimised by the product: the original, ONNX Runtime in float32 and in INT8 (dynamic, per channel, transformer blocks
fused) are built, timed interleaved one example at a time (1 × 32 tokens) on one thread, and scored. Printed are the
ratios of the median latencies with their paired bootstrap intervals, the sizes and the cosine. Where the processor has
VNNI the exit is 1 when INT8 is below 3 times the original or 2 times ONNX float32, above .26 of the size, or below .99
of cosine; elsewhere the figures are printed and nothing is judged.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import nonet
from nonet import blueprints
from nonet.blueprints.model_optimization import machine
from nonet.blueprints.model_optimization.design import Design
from nonet.graphs.steps import bench
from nonet.graphs.steps.decide import measured_of
from nonet.graphs.steps.desk import Desk
from nonet.trials.measurements import Measurements
from nonet.trials.space import canonical, key

ORIGINAL: dict[str, Any] = {}
FP32: dict[str, Any] = {"runtime": "onnxruntime"}
INT8: dict[str, Any] = {"runtime": "onnxruntime", "precision": "int8_dynamic", "per_channel": True, "fused": True}
FASTER_THAN_ORIGINAL, FASTER_THAN_FP32, SIZE, COSINE = 3.0, 2.0, 0.26, 0.99


def ratio(measured: Measurements, slow: str, fast: str) -> tuple[float, float, float]:
    """Return the ratio of two median latencies with its 95 % interval over paired resamples of the examples."""
    name = "p50_latency_ms"
    value = (measured.value(slow, name) or np.nan) / (measured.value(fast, name) or np.nan)
    drawn = measured.resampled(slow, name) / measured.resampled(fast, name)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(value), float(low), float(high)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--work", type=Path, help="where model, examples and run go; a temporary folder by default")
    work = (options.parse_args().work or Path(tempfile.mkdtemp(prefix="nonet-"))).absolute()
    settings = nonet.Settings(runs=str(work / "runs"))
    blueprint = blueprints.load("model_optimization")
    demo = work / "demo.json"
    if not demo.is_file():
        _, inputs, _ = blueprint.demo(work / "demo")
        demo.write_text(json.dumps(inputs), encoding="utf-8")
    inputs = json.loads(demo.read_text(encoding="utf-8"))
    designs = [FP32, INT8, {**INT8, "fused": False}]
    (work / "designs.json").write_text(json.dumps(designs), encoding="utf-8")
    done = nonet.run(
        "model_optimization",
        "Optimise the encoder",
        **inputs,
        designs=work / "designs.json",
        budget="4 trials",
        settings=settings,
    )
    desk = Desk(done.folder, settings, blueprint)
    measured = measured_of(desk, bench.laboratory(desk), desk.read("measurements.json"))
    names = {
        what: key(canonical(Design, fields))
        for what, fields in (("original", ORIGINAL), ("fp32", FP32), ("int8", INT8))
    }
    return judged(measured, names)


def judged(measured: Measurements, names: dict[str, str]) -> int:
    """Print the figures; return 1 where the processor has VNNI and one is short."""
    over_original = ratio(measured, names["original"], names["int8"])
    over_fp32 = ratio(measured, names["fp32"], names["int8"])
    resources = {what: measured.scores[name].resources for what, name in names.items()}
    size = resources["int8"]["model_bytes"] / resources["original"]["model_bytes"]
    cosine = measured.interval(names["int8"], "fidelity")
    print("INT8 against the original: {:.2f} [{:.2f}, {:.2f}] times as fast".format(*over_original))
    print("INT8 against ONNX float32: {:.2f} [{:.2f}, {:.2f}] times as fast".format(*over_fp32))
    print(
        f"size {size:.3f} of the original's; memory {resources['int8']['serving_memory_bytes'] / 1e6:.0f} MB against "
        f"{resources['original']['serving_memory_bytes'] / 1e6:.0f} MB"
    )
    print(f"cosine {cosine.value:.4f} [{cosine.low:.4f}, {cosine.high:.4f}] over {cosine.n} examples" if cosine else "")
    flags = machine.flags()
    if "vnni" not in flags:
        print(f"not judged: the processor has no VNNI ({', '.join(sorted(flags)) or 'no flag is told'})")
        return 0
    held = (
        over_original[0] >= FASTER_THAN_ORIGINAL
        and over_fp32[0] >= FASTER_THAN_FP32
        and size <= SIZE
        and cosine is not None
        and cosine.value >= COSINE
    )
    print("held" if held else "NOT held")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())

"""Models of the test's own, written by the blueprint's environment, and the call that takes a user's files in."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import nonet.blueprints.model_optimization as package
from nonet.trials.environment import prepare

FOLDER = Path(package.__file__).parent
_WRITE = """
import sys
from pathlib import Path
import numpy as np, onnx, skops.io, joblib, torch
from onnx import TensorProto, helper, numpy_helper
out = Path(sys.argv[1])
random = np.random.default_rng(0)
first, second = random.normal(size=(16, 64)).astype("f4"), random.normal(size=(64, 3)).astype("f4")


def write(name, nodes, width=16):
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", width])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(first, "w1"), numpy_helper.from_array(second, "w2")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("strange", 1)])
    model.ir_version = 9
    onnx.save(model, str(out / name))


chain = [helper.make_node("MatMul", ["x", "w1"], ["h"]), helper.make_node("Relu", ["h"], ["r"]),
         helper.make_node("MatMul", ["r", "w2"], ["logits"])]
write("small.onnx", chain)
write("strange.onnx", [helper.make_node("Wobble", ["x"], ["logits"], domain="strange")])
(out / "broken.onnx").write_bytes(b"no model at all")
x = random.normal(size=(160, 16)).astype("f4")
np.savez(out / "x.npz", x=x)
np.savez(out / "narrow.npz", x=x[:, :7])
np.savez(out / "named.npz", x=x, y=x)
np.savez(out / "words.npz", x=np.array([["a"] * 16] * 160))
np.savez(out / "uneven.npz", x=x, z=x[:5])
np.savez(out / "objects.npz", x=np.array([{}] * 160, dtype=object))
with_nan = x.copy()
with_nan[7, 3] = np.nan
np.savez(out / "nan.npz", x=with_nan)
y = (np.maximum(x @ first, 0) @ second).argmax(axis=1)
np.save(out / "y.npy", y)
np.save(out / "short.npy", y[:30])
torch.save({"weight": torch.zeros(3)}, out / "weights.pt")
torch.save(torch.nn.Linear(16, 3), out / "module.pt")
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(x, y)
skops.io.dump(pipeline, out / "pipeline.skops")
joblib.dump(pipeline, out / "pipeline.joblib")
skops.io.dump(LogisticRegression(), out / "unfitted.skops")
"""


_ASK = """
import json, shutil, sys
from optimization import data
from optimization.errors import OptimizationError
told = {}
for number, (model, examples, labels, trusted) in enumerate(json.loads(sys.argv[2])):
    source, taken = out / f"source{number}", out / f"taken{number}"
    (source / "model").mkdir(parents=True)
    taken.mkdir()
    shutil.copy(out / model, source / "model")
    shutil.copy(out / examples, source / "examples.npz")
    if labels:
        shutil.copy(out / labels, source / "labels.npy")
    try:
        data.ingest(source, taken, {"threads": 1, "trust_pickle": trusted})
        told[number] = "accepted"
    except OptimizationError as error:
        told[number] = str(error)
(out / "told.json").write_text(json.dumps(list(told.values())))
"""
Case = tuple[str, str, str, bool]


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of the blueprint's environment."""
    return prepare(FOLDER / "project", tmp_path_factory.mktemp("home")).python


@pytest.fixture(scope="session")
def take(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Case]], tuple[Path, list[str]]]:
    """Write the models, take files in as a run does, case by case, and return what a person would read of each."""

    def ask(cases: Sequence[Case]) -> tuple[Path, list[str]]:
        folder = tmp_path_factory.mktemp("models")
        subprocess.run(
            [python, "-c", _WRITE + _ASK, str(folder), json.dumps(list(cases))],
            env={"PYTHONPATH": str(FOLDER / "project" / "src"), "PATH": "/usr/bin:/bin"},
            check=True,
            timeout=400,
        )
        return folder, json.loads((folder / "told.json").read_text(encoding="utf-8"))

    return ask

"""Conversions keep what a model answers: graphs narrowed, a pipeline and a module made into graphs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimization import data, opened, stages
from optimization.design import Design, DesignError, parse
from optimization.models import ModelError

ROWS = 40


def taken(tmp_path: Path, model: Path, arrays: dict[str, np.ndarray], **inputs: Any) -> Path:
    """A data folder of a model and its examples, a quarter of them to fit on."""
    source, out = tmp_path / "source", tmp_path / "data"
    (source / "model").mkdir(parents=True)
    out.mkdir()
    model.rename(source / "model" / model.name)
    np.savez(source / "examples.npz", **arrays)
    data.ingest(source, out, {"threads": 1, **inputs})
    fit = [json.dumps({"features": {"row": row}, "label": {"y": None}}) for row in range(0, ROWS, 4)]
    (out / "fit.jsonl").write_text("\n".join(fit) + "\n")
    return out


def built(design: Design, folder: Path, out: Path) -> tuple[opened.Optimized, dict[str, float]]:
    """Build a design's stages and load what ships."""
    places: dict[str, Path] = {}
    counted: dict[str, float] = {}
    for stage in stages.of(design):
        places[stage.name] = out / stage.name
        places[stage.name].mkdir(parents=True)
        parents = {name: places[name] for name in stage.parents}
        counted |= stages.build(stage.name, design, folder, parents, places[stage.name])
    return opened.load(places["model"]), counted


@pytest.fixture
def network(tmp_path: Path) -> tuple[Path, dict[str, np.ndarray]]:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    weights = [random.normal(size=shape).astype("f4") for shape in ((16, 64), (64, 3))]
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w0"], ["h"]),
            helper.make_node("Relu", ["h"], ["r"]),
            helper.make_node("MatMul", ["r", "w1"], ["logits"]),
        ],
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 16])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(each, f"w{place}") for place, each in enumerate(weights)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, str(tmp_path / "network.onnx"))
    return tmp_path / "network.onnx", {"x": random.normal(size=(ROWS, 16)).astype("f4")}


@pytest.mark.parametrize("precision", ["int8_dynamic", "int8_static"])
def test_a_narrowed_graph_is_smaller_and_decides_alike(
    tmp_path: Path, network: tuple[Path, dict[str, np.ndarray]], precision: str
) -> None:
    folder = taken(tmp_path, *network)
    design = Design(runtime="onnxruntime", precision=precision, per_channel=True)
    model, counted = built(design, folder, tmp_path / "out")
    rows = network[1]
    wanted = data.load_original(folder).predict(rows)["logits"]
    found = model.predict(rows)["logits"]
    assert not np.array_equal(found, wanted)
    assert (found.argmax(axis=1) == wanted.argmax(axis=1)).mean() >= 0.9
    assert {"probe_ms", "throughput", "startup_seconds", "serving_memory_bytes", "model_bytes"} <= counted.keys()


def test_a_graph_stage_that_is_built_is_not_written_to(
    tmp_path: Path, network: tuple[Path, dict[str, np.ndarray]]
) -> None:
    from optimization import export, quantize

    folder = taken(tmp_path, *network)
    (tmp_path / "graph").mkdir()
    (tmp_path / "out").mkdir()
    export.graph(Design(runtime="onnxruntime"), folder, tmp_path / "graph")
    (tmp_path / "graph").chmod(0o555)
    watched = (tmp_path / "graph").stat().st_mtime_ns
    for precision in ("int8_dynamic", "int8_static"):
        design = Design(runtime="onnxruntime", precision=precision)
        quantize.graph(design, tmp_path / "graph", folder, tmp_path / "out")
    assert (tmp_path / "graph").stat().st_mtime_ns == watched


def test_nothing_to_narrow_is_said(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 16])
    y = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 16])
    model = helper.make_model(
        helper.make_graph([helper.make_node("Relu", ["x"], ["embedding"])], "g", [x], [y]),
        opset_imports=[helper.make_opsetid("", 17)],
    )
    model.ir_version = 9
    onnx.save(model, str(tmp_path / "relu.onnx"))
    folder = taken(tmp_path, tmp_path / "relu.onnx", {"x": np.ones((ROWS, 16), dtype="f4")})
    with pytest.raises(ModelError, match="no matrix product or convolution"):
        built(Design(runtime="onnxruntime", precision="int8_dynamic"), folder, tmp_path / "out")
    with pytest.raises(ModelError, match="PyTorch module"):
        built(Design(runtime="onnxruntime", technique="distil", amount=0.5), folder, tmp_path / "other")


def test_a_pipeline_over_named_columns_becomes_a_graph_with_its_outputs(tmp_path: Path) -> None:
    import pandas as pd
    import skops.io
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    random = np.random.default_rng(0)
    arrays = {"income": random.normal(size=ROWS), "town": np.where(random.random(ROWS) > 0.5, "east", "west")}
    parts = [("n", StandardScaler(), ["income"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["town"])]
    labels = np.where(arrays["income"] + (arrays["town"] == "east") > 0.4, "yes", "no")
    pipeline = make_pipeline(ColumnTransformer(parts), LogisticRegression()).fit(pd.DataFrame(arrays), labels)
    skops.io.dump(pipeline, tmp_path / "pipeline.skops")
    folder = taken(tmp_path, tmp_path / "pipeline.skops", arrays)
    model, _ = built(Design(runtime="onnxruntime"), folder, tmp_path / "out")
    found = model.predict(arrays)
    assert list(found["label"]) == list(pipeline.predict(pd.DataFrame(arrays)))
    assert np.allclose(found["probabilities"], pipeline.predict_proba(pd.DataFrame(arrays)), atol=1e-5)


@pytest.mark.slow
def test_an_exported_program_becomes_a_graph_of_any_batch(tmp_path: Path) -> None:
    import torch

    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4)).eval()
    batch = torch.export.Dim.DYNAMIC
    program = torch.export.export(module, (torch.zeros(2, 16),), dynamic_shapes=({0: batch},))
    torch.export.save(program, str(tmp_path / "module.pt2"))
    x = np.random.default_rng(0).normal(size=(ROWS, 16)).astype("f4")
    folder = taken(tmp_path, tmp_path / "module.pt2", {"input": x})
    model, _ = built(Design(runtime="onnxruntime"), folder, tmp_path / "out")
    with torch.no_grad():
        wanted = module(torch.from_numpy(x)).numpy()
    assert np.allclose(next(iter(model.predict({"input": x}).values())), wanted, atol=1e-4)


def test_designs_outside_the_space_are_refused() -> None:
    for wrong in ({"runtime": "abacus"}, {"colour": "red"}, {"precision": "int3"}):
        with pytest.raises(DesignError):
            parse(wrong)

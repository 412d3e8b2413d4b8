"""What a person can get wrong with a model, examples or labels: one line says what, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nonet.blueprints.model_optimization import sources
from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.errors import InputError

WRONG = [
    ("broken.onnx", "x.npz", "", "cannot be loaded as ONNX"),
    ("strange.onnx", "x.npz", "", "operator that ONNX Runtime does not have"),
    ("small.onnx", "narrow.npz", "", "160 × 7, the model takes any × 16"),
    ("small.onnx", "named.npz", "", "'y' is no input of the model, which takes x"),
    ("small.onnx", "words.npz", "", "the model takes float32"),
    ("small.onnx", "uneven.npz", "", "differ in length"),
    ("small.onnx", "objects.npz", "", "Python objects"),
    ("small.onnx", "nan.npz", "", "NaN or infinity, first in row 7"),
    ("small.onnx", "x.npz", "short.npy", "30 labels for 160 examples"),
    ("weights.pt", "x.npz", "", "weights without the module"),
    ("module.pt", "x.npz", "", "--trust-pickle"),
    ("unfitted.skops", "x.npz", "", "not fitted"),
    ("pipeline.joblib", "x.npz", "", "--trust-pickle"),
]


@pytest.mark.slow
def test_one_line_says_what_is_wrong(take: Callable[..., tuple[Path, list[str]]]):
    trusted = [("pipeline.joblib", "x.npz", "y.npy", True), ("pipeline.skops", "x.npz", "y.npy", False)]
    cases = [(*case[:3], False) for case in WRONG]
    _, told = take([*cases, *trusted])
    for (model, examples, _, wanted), line in zip(WRONG, told, strict=False):
        assert wanted in line, (model, examples)
        assert "\n" not in line
    assert told[len(WRONG) :] == ["accepted", "accepted"]


def _listed(**inputs: str | bool) -> list[str]:
    return [file.name for file in sources.listed(Inputs.model_validate(inputs)).files]


def test_files_that_are_not_there_or_of_another_kind_are_refused(tmp_path: Path):
    (tmp_path / "x.npz").touch()
    (tmp_path / "m.h5").touch()
    (tmp_path / "m.joblib").touch()
    (tmp_path / "m.onnx").touch()
    (tmp_path / "empty").mkdir()
    x = str(tmp_path / "x.npz")
    for inputs, wanted in (
        ({"model": str(tmp_path / "none.onnx"), "examples": x}, "no model at"),
        ({"model": str(tmp_path / "m.h5"), "examples": x}, "no model that is read"),
        ({"model": str(tmp_path / "m.joblib"), "examples": x}, "pickle"),
        ({"model": str(tmp_path / "empty"), "examples": x}, "no config.json"),
        ({"model": str(tmp_path / "m.onnx"), "examples": str(tmp_path / "none.npz")}, "no file"),
        ({"model": str(tmp_path / "m.onnx"), "examples": str(tmp_path / "m.h5")}, "no .npz file"),
        ({"model": str(tmp_path / "m.onnx"), "examples": x, "logs": str(tmp_path / "none")}, "no folder"),
    ):
        with pytest.raises(InputError, match=wanted) as caught:
            _listed(**inputs)
        assert caught.value.remedy


def test_a_trusted_pickle_and_weights_beside_a_graph_are_listed(tmp_path: Path):
    for name in ("x.npz", "m.joblib", "g.onnx", "g.onnx.data", "other.onnx"):
        (tmp_path / name).touch()
    x = str(tmp_path / "x.npz")
    assert _listed(model=str(tmp_path / "m.joblib"), examples=x, trust_pickle=True) == [
        "model/m.joblib",
        "examples.npz",
    ]
    assert _listed(model=str(tmp_path / "g.onnx"), examples=x) == ["model/g.onnx", "model/g.onnx.data", "examples.npz"]

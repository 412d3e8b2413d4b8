"""Given models: a column, skops, ONNX; what does not load or fit is one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import people
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from fairness import fitting, given, parts, table
from fairness.design import Design
from fairness.errors import FairnessError
from fairness.parts import Parts
from fairness.table import Columns

FEATURES = ["income", "district", "sex"]


def pipeline():
    encode = ColumnTransformer([("texts", OneHotEncoder(), ["district", "sex"])], remainder="passthrough")
    frame = people(300)
    return make_pipeline(encode, LogisticRegression()).fit(frame[FEATURES], frame["approved"])


def test_a_skops_pipeline_scores_as_it_does_by_itself(tmp_path: Path):
    from skops import io

    model, frame = pipeline(), people(40, seed=2)
    io.dump(model, tmp_path / "model.skops")
    rows = table.parse(frame, Columns("approved", ["sex"])).rows
    fitted = fitting.fit(Design("given", source="model.skops"), rows, FEATURES, ["sex"], tmp_path / "model.skops")
    (tmp_path / "out").mkdir()
    fitted.save(tmp_path / "out", tmp_path / "model.skops")
    found = parts.decide(Parts.load(tmp_path / "out"), rows)
    assert [each["score"] for each in found] == pytest.approx(model.predict_proba(frame[FEATURES])[:, 1])


def test_an_onnx_model_scores_as_it_does_by_itself(tmp_path: Path):
    from skl2onnx import to_onnx

    frame = people(80)
    model = LogisticRegression().fit(frame[["income"]].to_numpy(), frame["approved"])
    proto = to_onnx(model, frame[["income"]].to_numpy().astype(np.float32), options={"zipmap": False})
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    rows = [{"x": {"income": value}, "groups": {}, "given": None} for value in frame["income"]]
    found = given.load(tmp_path / "model.onnx", ["income"])(rows)
    assert found == pytest.approx(model.predict_proba(frame[["income"]].to_numpy())[:, 1], abs=1e-5)


@pytest.mark.parametrize("name", ["model.skops", "model.onnx", "model.pkl"])
def test_a_file_that_is_no_model_is_one_line(name: str, tmp_path: Path):
    (tmp_path / name).write_bytes(b"no model")
    with pytest.raises(FairnessError, match=name) as caught:
        given.load(tmp_path / name, FEATURES)
    assert "\n" not in str(caught.value)


def test_a_model_that_needs_another_column_is_one_line(tmp_path: Path):
    from skops import io

    io.dump(pipeline(), tmp_path / "model.skops")
    with pytest.raises(FairnessError, match="needs the column 'district'"):
        given.load(tmp_path / "model.skops", ["income", "sex"])


def test_a_column_of_scores_counts_from_its_threshold_on():
    frame = people(300).assign(decile=[k % 10 + 1 for k in range(300)])
    rows = table.parse(frame, Columns("approved", ["sex"], predictions="decile", threshold=5)).rows
    fitted = fitting.fit(Design("given", source="decile"), rows, FEATURES, ["sex"])
    fitted.threshold = 5.0
    assert [each["label"] for each in parts.decide(fitted, rows)] == [int(value >= 5) for value in frame["decile"]]
    with pytest.raises(FairnessError, match="no probabilities"):
        fitting.fit(Design("given", source="decile", mitigation="group_calibration"), rows, FEATURES, ["sex"])


def test_words_are_decisions_too():
    words = people(60)["approved"].map({1: "Yes", 0: "no"})
    words[3] = None
    found = table.predictions(words, "decided")
    assert np.isnan(found[3])
    assert found[:3] == [float(word == "Yes") for word in words[:3]]


def test_the_favourable_class_is_found_by_its_value_not_by_its_place(tmp_path: Path):
    from skl2onnx import to_onnx
    from skops import io

    frame = people(80)
    X = frame[["income"]].to_numpy().astype(np.float32)
    model = LogisticRegression().fit(X, np.where(frame["approved"] == 1, "good", "late"))
    chances = model.predict_proba(X)[:, 0]
    rows = [{"x": {"income": float(value)}, "groups": {}, "given": None} for value in X[:, 0]]
    io.dump(model, tmp_path / "model.skops")
    assert given.load(tmp_path / "model.skops", ["income"], "good")(rows) == pytest.approx(chances, abs=1e-6)
    for zipmap in (False, True):
        proto = to_onnx(model, X, options={"zipmap": zipmap})
        (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
        assert given.load(tmp_path / "model.onnx", ["income"], "good")(rows) == pytest.approx(chances, abs=1e-5)
    with pytest.raises(FairnessError, match="classes good, late"):
        given.load(tmp_path / "model.skops", ["income"], "best")


def test_a_function_is_no_class_of_scikit_learns(tmp_path: Path):
    from sklearn.preprocessing import FunctionTransformer
    from sklearn.utils import shuffle
    from skops import io

    io.dump(make_pipeline(FunctionTransformer(np.load), LogisticRegression()), tmp_path / "numpy.skops")
    io.dump(make_pipeline(FunctionTransformer(shuffle), LogisticRegression()), tmp_path / "sklearn.skops")
    for name in ("numpy.skops", "sklearn.skops"):
        with pytest.raises(FairnessError, match="no class of scikit-learn"):
            given.load(tmp_path / name, FEATURES)

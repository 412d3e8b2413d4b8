"""Examples against what a model takes, and which of its outputs is compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimization import examples, outputs
from optimization.examples import ExamplesError, Port
from optimization.models import ModelError

X = Port("x", "float", "float32", (None, 4))


def test_one_array_for_one_input_needs_no_name_and_integers_become_real() -> None:
    found = examples.fitted({"anything": np.ones((3, 4), dtype=np.int64)}, [X])
    assert list(found) == ["x"]
    assert found["x"].dtype == np.float32


def test_optional_inputs_may_be_left_out_and_order_is_the_models() -> None:
    ports = [Port("ids", "int", "int64", (None, None)), Port("mask", "int", "int64", (None, None), required=False)]
    ids = np.ones((2, 5), dtype=np.int32)
    assert list(examples.fitted({"ids": ids}, ports)) == ["ids"]
    assert list(examples.fitted({"mask": ids, "ids": ids}, ports)) == ["ids", "mask"]


@pytest.mark.parametrize(
    ("arrays", "wanted"),
    [
        ({"x": np.ones((3, 5), dtype=np.float32)}, "3 × 5, the model takes any × 4"),
        ({"x": np.ones((3, 4, 1), dtype=np.float32)}, "3 × 4 × 1"),
        ({"x": np.full((3, 4), "a")}, "takes float32"),
        ({"a": np.ones((3, 4)), "b": np.ones((3, 4))}, "lack the input 'x'"),
        ({"x": np.ones((3, 4)), "b": np.ones((3, 4))}, "'b' is no input"),
    ],
)
def test_what_does_not_fit_is_named(arrays: dict[str, np.ndarray], wanted: str) -> None:
    with pytest.raises(ExamplesError, match=wanted):
        examples.fitted(arrays, [X])


def test_real_numbers_are_no_token_identifiers() -> None:
    with pytest.raises(ExamplesError, match="takes int64"):
        examples.fitted({"ids": np.ones((2, 5))}, [Port("ids", "int", "int64", (None, None))])


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    arrays = {"a b": np.arange(6).reshape(3, 2), "words": np.array(["x", "yy", "z"])}
    examples.save(arrays, tmp_path / "rows")
    found = examples.load(tmp_path / "rows")
    assert list(found) == list(arrays)
    assert all((found[name] == each).all() for name, each in arrays.items())


@pytest.mark.parametrize(
    ("given", "labels", "wanted"),
    [
        ({"logits": np.zeros((5, 3), dtype="f4")}, None, ("logits", "", "decision")),
        ({"y": np.zeros((5, 3), dtype="f4")}, np.array([0, 2, 1, 0, 0]), ("y", "", "decision")),
        ({"embedding": np.zeros((5, 3), dtype="f4")}, None, ("embedding", "", "vector")),
        ({"price": np.zeros((5, 1), dtype="f4")}, None, ("price", "", "number")),
        (
            {"label": np.zeros(5, dtype=int), "probabilities": np.zeros((5, 3))},
            None,
            ("probabilities", "label", "decision"),
        ),
        ({"label": np.array(["a"] * 5)}, None, ("", "label", "decision")),
    ],
)
def test_the_kind_of_output_is_told_by_name_shape_and_labels(
    given: dict[str, np.ndarray], labels: np.ndarray | None, wanted: tuple[str, str, str]
) -> None:
    found = outputs.main_of(given, "auto", labels)
    assert (found.name, found.label, found.kind) == wanted


def test_numbers_that_no_precision_holds_are_refused() -> None:
    main = outputs.Main("y", "", "vector")
    with pytest.raises(ModelError, match="NaN or infinity"):
        outputs.written({"y": np.array([[1.0, np.inf]])}, main)

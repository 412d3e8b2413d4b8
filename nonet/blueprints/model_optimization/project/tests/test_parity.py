"""The model that ships against the original, on examples whose outputs of the original ship with it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from optimization import examples, opened
from optimization import shipped as parts
from optimization.examples import ExamplesError


def test_fidelity_holds_on_the_parity_examples(shipped: Path) -> None:
    told = parts.parity(shipped)
    wanted = json.loads((shipped.parent / "settings.json").read_text())["fidelity"]
    # The bar was shown on the run's own examples; these few may lie a little below by chance.
    assert told.fidelity >= wanted - 3 * max(told.standard_error, 1e-9) - 1e-6, told


def test_the_loader_has_the_signature_of_the_original(shipped: Path) -> None:
    model = opened.load(shipped / "model")
    inputs = examples.load(shipped / "parity" / "inputs")
    outputs = examples.load(shipped / "parity" / "outputs")
    assert [port.name for port in model.ports] == list(inputs)
    found = model.predict({name: np.array(each[:1]) for name, each in inputs.items()})
    for name, each in outputs.items():
        assert found[name].shape == each[:1].shape
        assert found[name].dtype.kind == each.dtype.kind


def test_other_inputs_are_refused_in_one_line(shipped: Path) -> None:
    model = opened.load(shipped / "model")
    with pytest.raises(ExamplesError) as caught:
        model.predict({"nothing": np.zeros((1, 2)), "more": np.zeros((1, 2))})
    assert "\n" not in str(caught.value)

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from training_models import ask, digits, encoder, exported

from optimization.training import Plan, TrainingError, quantization_aware
from optimization.training.quantized import QuantizedEmbedding, QuantizedLinear, Rounded


def _optimised(path: Path, out: Path) -> list[str]:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(out)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load(out).graph.node]


def test_an_mlp_becomes_an_integer_graph_of_a_quarter_of_the_size(tmp_path: Path) -> None:
    module, inputs, _ = digits()
    before = copy.deepcopy(module.state_dict())
    trained = quantization_aware(module, inputs, plan=Plan(epochs=2))
    assert all(torch.equal(before[name], each) for name, each in module.state_dict().items())
    told = ask(trained, inputs)
    agreed = float((told.argmax(1) == ask(module, inputs).argmax(1)).float().mean())
    assert agreed > 0.99
    (answer,) = exported(trained, inputs, tmp_path / "int8.onnx").run(None, inputs)
    assert np.allclose(answer, told.numpy(), atol=0.05 * float(told.std()))
    exported(module, inputs, tmp_path / "fp32.onnx")
    assert (tmp_path / "int8.onnx").stat().st_size < 0.4 * (tmp_path / "fp32.onnx").stat().st_size
    made = _optimised(tmp_path / "int8.onnx", tmp_path / "optimised.onnx")
    assert made.count("MatMulIntegerToFloat") == 3
    assert not {"MatMul", "Gemm"} & set(made)


@pytest.mark.slow
def test_a_transformer_and_its_embeddings_become_integers(tmp_path: Path) -> None:
    module, inputs = encoder(2)
    trained = quantization_aware(module, inputs, plan=Plan(epochs=1))
    linear = [each for each in trained.modules() if isinstance(each, QuantizedLinear)]
    assert len(linear) == 2 * 6 + 1  # of two layers, and the pooler
    assert any(isinstance(each, QuantizedEmbedding) for each in trained.modules())
    assert not any(isinstance(each, nn.Linear | Rounded) for each in trained.modules())
    kept = inputs["attention_mask"].astype(bool)
    told, said = (ask(each, inputs).numpy()[kept] for each in (module, trained))
    cosine = (told * said).sum(1) / np.linalg.norm(told, axis=1) / np.linalg.norm(said, axis=1)
    assert cosine.mean() > 0.99
    (answer,) = exported(trained, inputs, tmp_path / "int8.onnx").run(None, inputs)
    near = (answer[kept] * said).sum(1) / np.linalg.norm(answer[kept], axis=1) / np.linalg.norm(said, axis=1)
    assert near.mean() > 0.999
    assert _optimised(tmp_path / "int8.onnx", tmp_path / "optimised.onnx").count("MatMulIntegerToFloat") >= 12


def test_training_loses_less_than_rounding_alone() -> None:
    """A module whose weights are of very unlike size loses much by rounding: training wins it back."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).eval()
    _, inputs, _ = digits()
    with torch.no_grad():
        module[0].weight[:, 0] *= 300  # pixel 0 is always 0, and still takes the range of the weights
    told = ask(module, inputs)

    def lost(epochs: int) -> float:
        trained = quantization_aware(module, inputs, plan=Plan(epochs=epochs))
        return float((ask(trained, inputs) - told).square().mean())

    assert lost(1) < 0.7 * lost(0)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_no_value_within_the_range_moves_by_more_than_half_a_step(seed: int, size: float) -> None:
    values = torch.randn(16, 4, generator=torch.Generator().manual_seed(seed)) * size
    linear = nn.Linear(4, 4, bias=False)
    with torch.no_grad():
        linear.weight.copy_(torch.eye(4))  # exact in 8 bits, so that what is lost is lost by the inputs
    layer = Rounded(linear)
    layer.observe(values)
    step = float(layer.grid()[0])
    for each in (layer, layer.frozen()):
        assert float((each(values) - values).abs().max()) <= 0.51 * step + 1e-5 * size * 10
        assert float(each(torch.zeros(1, 4)).abs().max()) <= 1e-6 * size  # zero stays zero: padding


def test_what_has_no_linear_layer_is_refused() -> None:
    with pytest.raises(TrainingError, match="no linear layer"):
        quantization_aware(nn.Tanh(), {"x": np.ones((4, 2), np.float32)})

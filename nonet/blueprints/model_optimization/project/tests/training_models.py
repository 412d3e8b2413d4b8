"""Small modules with examples of real data, for the tests of training."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from optimization.training.examples import prepare
from optimization.training.fitting import Plan, fit


@cache
def digits() -> tuple[nn.Module, dict[str, NDArray[Any]], NDArray[Any]]:
    """Return an MLP fitted to handwritten digits, its inputs and the labels."""
    from sklearn.datasets import load_digits

    data = load_digits()
    inputs = {"pixels": (data.data / 16).astype(np.float32)}
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    given = prepare(module, inputs, data.target)
    fit(module, given, lambda each, batch: nn.functional.cross_entropy(batch.call(each), batch.labels["label"]), Plan())
    return module.eval(), inputs, data.target


def images() -> tuple[nn.Module, dict[str, NDArray[Any]]]:
    """Return a small convolutional network with batch normalisation and images for it."""
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 20), nn.ReLU(), nn.Linear(20, 10),
    )  # fmt: skip
    _, inputs, _ = digits()
    shown = inputs["pixels"].reshape(-1, 1, 8, 8)
    with torch.no_grad():
        module(torch.from_numpy(shown))  # statistics of the normalisation
    return module.eval(), {"image": shown[:300]}


def encoder(layers: int = 4, kind: str = "bert") -> tuple[nn.Module, dict[str, NDArray[Any]]]:
    """Return a transformer of random weights, large enough that its layers differ, and token identifiers for it."""
    import transformers

    torch.manual_seed(0)
    size: dict[str, Any] = {"vocab_size": 200, "max_position_embeddings": 16}
    if kind == "distilbert":
        config: Any = transformers.DistilBertConfig(dim=32, n_layers=layers, n_heads=4, hidden_dim=64, **size)
    else:
        config = transformers.BertConfig(
            hidden_size=32, num_hidden_layers=layers, num_attention_heads=4, intermediate_size=64,
            initializer_range=0.2, **size,
        )  # fmt: skip
    module = transformers.AutoModel.from_config(config).eval()
    rng = np.random.default_rng(0)
    lengths = rng.integers(3, 13, size=(96, 1))
    mask = (np.arange(12) < lengths).astype(np.int64)
    return module, {"input_ids": rng.integers(1, 200, size=(96, 12)) * mask, "attention_mask": mask}


def ask(module: nn.Module, inputs: dict[str, NDArray[Any]]) -> Tensor:
    """Return a module's first output on all examples."""
    from optimization.training.examples import answers

    return next(iter(answers(module, prepare(module, inputs)).values()))


def exported(module: nn.Module, inputs: dict[str, NDArray[Any]], path: Path) -> onnxruntime.InferenceSession:
    """Export a module as the project does, and load it."""

    class Ordered(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, *tensors: Tensor) -> Tensor:
            found = self.inner(*tensors) if len(names) == 1 else self.inner(**dict(zip(names, tensors, strict=True)))
            return found if isinstance(found, Tensor) else found[0]

    names = list(inputs)
    one = tuple(torch.from_numpy(each[:1]) for each in inputs.values())
    axes = {name: {0: "batch"} for name in [*names, "answer"]}
    torch.onnx.export(
        Ordered().eval(), one, str(path), input_names=names, output_names=["answer"], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

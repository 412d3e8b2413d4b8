"""A multilayer perceptron with the inputs and outputs of another module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor, nn


class Mlp(nn.Module):
    """Linear layers and ReLU over all inputs laid side by side, with a linear head per output.

    Args:
        inputs: names of the inputs, in order.
        width: numbers in one example, all inputs together.
        hidden: widths of the hidden layers.
        outputs: shape of one answer, by the output's name; a sole ``output`` comes as a tensor, several as a dict, and
            those named ``output_0``, ``output_1`` and so on as a tuple.
    """

    def __init__(
        self, inputs: Sequence[str], width: int, hidden: Sequence[int], outputs: Mapping[str, tuple[int, ...]]
    ) -> None:
        super().__init__()
        self.names = list(inputs)
        self.shapes = dict(outputs)
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        layers: list[nn.Module] = []
        for into, out in zip([width, *hidden[:-1]], hidden, strict=True):
            layers += [nn.Linear(into, out), nn.ReLU()]
        self.trunk = nn.Sequential(*layers)
        self.heads = nn.ModuleList([nn.Linear(hidden[-1], prod(shape)) for shape in outputs.values()])

    def normalise(self, rows: Tensor) -> None:
        """Take the mean and spread of inputs, shape (examples, width), so that the first layer sees them alike."""
        spread = rows.std(0, unbiased=False)
        self.get_buffer("mean").copy_(rows.mean(0))
        self.get_buffer("scale").copy_(torch.where(spread > 0, spread, torch.ones_like(spread)))

    def forward(self, *values: Tensor, **by_name: Tensor) -> Tensor | tuple[Tensor, ...] | dict[str, Tensor]:
        """Return the answers; inputs come in order or by name."""
        given = values or tuple(by_name[name] for name in self.names)
        rows = torch.cat([each.flatten(1) for each in given], dim=1)
        found = self.trunk((rows - self.get_buffer("mean")) / self.get_buffer("scale"))
        answers = {
            name: head(found).reshape(-1, *shape)
            for (name, shape), head in zip(self.shapes.items(), self.heads, strict=True)
        }
        if list(answers) == ["output"]:
            return answers["output"]
        if all(name == f"output_{place}" for place, name in enumerate(answers)):
            return tuple(answers.values())
        return answers

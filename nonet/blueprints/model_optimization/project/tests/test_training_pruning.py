from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from training_models import ask, digits, encoder, exported, images

from optimization.training import Plan, TrainingError, iterative, prune
from optimization.training.encoder import layers
from optimization.training.magnitude import masks, sparsity, two_of_four


def _count(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


def _same(one: nn.Module, other: nn.Module) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.slow
def test_structured_pruning_makes_an_mlp_smaller_and_keeps_what_it_decides(tmp_path: Path) -> None:
    module, inputs, labels = digits()
    before = copy.deepcopy(module)
    pruned = prune(module, inputs, amount=0.5, plan=Plan(epochs=5))
    assert _same(module, before)
    assert [each.out_features for each in pruned if isinstance(each, nn.Linear)] == [64, 32, 10]
    right = float((ask(pruned, inputs).argmax(1) == torch.as_tensor(labels)).float().mean())
    agreed = float((ask(pruned, inputs).argmax(1) == ask(module, inputs).argmax(1)).float().mean())
    assert right > 0.95
    assert agreed > 0.97
    session = exported(pruned, inputs, tmp_path / "pruned.onnx")
    exported(module, inputs, tmp_path / "whole.onnx")
    assert (tmp_path / "pruned.onnx").stat().st_size < 0.6 * (tmp_path / "whole.onnx").stat().st_size
    (answer,) = session.run(None, inputs)
    assert np.allclose(answer, ask(pruned, inputs).numpy(), atol=1e-4)


def test_what_reads_the_neurons_that_went_makes_up_for_them() -> None:
    """Neurons that say what others say can go without a trace, if their readers are fitted anew."""
    module, inputs, _ = digits()
    first = nn.Linear(64, 256)
    second = nn.Linear(256, 64)
    with torch.no_grad():  # each neuron twice, one half the size
        first.weight.copy_(torch.cat([module[0].weight, 0.5 * module[0].weight]))
        first.bias.copy_(torch.cat([module[0].bias, 0.5 * module[0].bias]))
        second.weight.copy_(torch.cat([0.5 * module[2].weight, module[2].weight], 1))
        second.bias.copy_(module[2].bias)
    doubled = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), copy.deepcopy(module[4]))
    assert torch.allclose(ask(doubled, inputs), ask(module, inputs), atol=1e-4)
    from optimization.training import structured
    from optimization.training.examples import prepare

    pruned = copy.deepcopy(doubled)
    structured.prune(pruned, prepare(pruned, inputs), 0.2)
    assert pruned[0].out_features < 256
    lost = float((ask(pruned, inputs).argmax(1) != ask(doubled, inputs).argmax(1)).float().mean())
    assert lost < 0.05


def test_channels_go_with_their_normalisation_and_what_reads_them_flattened(tmp_path: Path) -> None:
    module, inputs = images()
    pruned = prune(module, inputs, amount=0.25)
    kinds = [(type(each).__name__, getattr(each, "out_channels", None)) for each in pruned]
    assert ("Conv2d", 6) in kinds
    assert ("Conv2d", 9) in kinds
    assert pruned[1].num_features == 6
    assert pruned[7].in_features == 36
    (answer,) = exported(pruned, inputs, tmp_path / "cnn.onnx").run(None, inputs)
    assert np.allclose(answer, ask(pruned, inputs).numpy(), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_heads_and_neurons_of_a_transformer_are_taken_out(kind: str, tmp_path: Path) -> None:
    module, inputs = encoder(2, kind)
    pruned = prune(module, inputs, amount=0.5)
    assert [each.heads for each in layers(pruned)] == [2, 2]
    assert [each.heads for each in layers(module)] == [4, 4]
    first = layers(pruned)[0]
    assert pruned.get_submodule(f"{first.path}.{first.query}").out_features == 16
    assert pruned.get_submodule(f"{first.path}.{first.widened}").out_features == 32
    assert _count(pruned) < _count(module)
    session = exported(pruned, inputs, tmp_path / "pruned.onnx")
    (answer,) = session.run(None, inputs)
    kept = inputs["attention_mask"].astype(bool)
    assert np.allclose(answer[kept], ask(pruned, inputs).numpy()[kept], atol=1e-3)


@pytest.mark.slow
def test_training_after_pruning_wins_back_what_was_lost() -> None:
    module, inputs = encoder(2)
    kept = torch.as_tensor(inputs["attention_mask"]).bool()
    told = ask(module, inputs)[kept]

    def lost(each: nn.Module) -> float:
        return float((ask(each, inputs)[kept] - told).square().mean())

    trained = prune(module, inputs, amount=0.5, plan=Plan(epochs=12, rate=3e-3))
    assert lost(trained) < 0.8 * lost(prune(module, inputs, amount=0.5))


@pytest.mark.parametrize("amount", [0.3, 0.8])
def test_unstructured_pruning_leaves_the_share_of_zeros_it_is_asked_for(amount: float) -> None:
    module, inputs, _ = digits()
    for rounds in (1, 3):
        plan = Plan(epochs=3, seconds=3)
        pruned = iterative(module, inputs, amount=amount, structure="unstructured", rounds=rounds, plan=plan)
        assert sparsity(pruned) == pytest.approx(amount, abs=0.01)
    assert sparsity(module) < 0.01


def test_the_smallest_weights_go_first() -> None:
    module = nn.Sequential(nn.Linear(4, 1, bias=False))
    with torch.no_grad():
        module[0].weight.copy_(torch.tensor([[0.1, -3.0, 0.2, 2.0]]))
    assert masks(module, 0.5)["0.weight"].tolist() == [[False, True, False, True]]
    assert two_of_four(module)["0.weight"].tolist() == [[False, True, False, True]]


def test_two_of_four_holds_in_every_group_after_training() -> None:
    module, inputs, _ = digits()
    pruned = prune(module, inputs, structure="two_of_four", plan=Plan(epochs=2, seconds=2))
    groups = (pruned[0].weight.detach().reshape(-1, 4) != 0).sum(1)
    assert int(groups.max()) == 2


def test_the_same_seed_gives_the_same_module_and_leaves_torch_as_it_was() -> None:
    module, inputs = encoder(2)
    state = torch.random.get_rng_state()
    one, two = (prune(module, inputs, amount=0.25, plan=Plan(epochs=1, seed=3)) for _ in range(2))
    other = prune(module, inputs, amount=0.25, plan=Plan(epochs=1, seed=4))
    assert _same(one, two)
    assert not _same(one, other)
    assert torch.equal(state, torch.random.get_rng_state())


class Crossed(nn.Module):
    """Its hidden layer is read twice, so that no neuron can be taken out; and its structure depends on the data."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.first(x)
        return self.last(hidden) + hidden


class Branching(Crossed):
    """What it computes depends on its inputs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.first(x)) if x.sum() > 0 else x


class ByName(nn.Module):
    """Takes its inputs by their names alone, as the wrapper of a model that was loaded does."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, **inputs: torch.Tensor) -> torch.Tensor:
        return self.inner(inputs["a"] - inputs["b"])


def test_inputs_go_by_name_where_a_module_takes_names_alone() -> None:
    rows = {"b": np.ones((8, 4), np.float32), "a": np.zeros((8, 4), np.float32)}
    module = ByName()
    pruned = prune(module, rows, amount=0.5, structure="unstructured")
    assert sparsity(pruned) == 0.5
    assert ask(module, rows).shape == (8, 2)


def test_what_cannot_be_pruned_is_said_in_one_line() -> None:
    module, inputs, _ = digits()
    rows = {"x": np.ones((8, 4), np.float32)}
    wrong = {
        "between 0 and 1": lambda: prune(module, inputs, amount=1.0),
        "1 round or more": lambda: iterative(module, inputs, rounds=0),
        "can be taken out": lambda: prune(Crossed(), rows),
        "cannot be followed": lambda: prune(Branching(), rows),
        "no linear or convolution": lambda: prune(nn.Tanh(), rows, structure="unstructured"),
        "refuses these examples": lambda: prune(module, {"x": np.ones((8, 3), np.float32)}, plan=Plan(epochs=1)),
        "not finite": lambda: prune(module, {"x": np.full((8, 64), np.nan, np.float32)}),
        "differ in length": lambda: prune(module, inputs, np.zeros(3, np.int64)),
        "no examples": lambda: prune(module, {}),
        "Epochs must be": lambda: prune(module, inputs, plan=Plan(epochs=-1)),
    }
    for said, tried in wrong.items():
        with pytest.raises(TrainingError, match=said) as raised:
            tried()
        assert "\n" not in str(raised.value)

from __future__ import annotations

import copy
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from training_models import ask, digits, encoder, exported

from optimization.training import Plan, Progress, TrainingError, distil, multi_task, self_distil
from optimization.training.encoder import layer_list
from optimization.training.examples import answers, prepare
from optimization.training.losses import near, soft
from optimization.training.students import least_missed


def _weights(module: nn.Module) -> list[torch.Tensor]:
    return list(module.state_dict().values())


@pytest.mark.slow
def test_an_mlp_student_decides_as_its_teacher_at_a_fraction_of_the_weights(tmp_path: Path) -> None:
    module, inputs, labels = digits()
    fitted, held = {"pixels": inputs["pixels"][:1300]}, {"pixels": inputs["pixels"][1300:]}
    before = copy.deepcopy(_weights(module))
    student = distil(module, fitted, labels[:1300], size=0.25, plan=Plan(epochs=10))
    assert all(map(torch.equal, before, _weights(module)))
    counts = [sum(each.numel() for each in one.parameters()) for one in (student, module)]
    assert counts[0] < 0.25 * counts[1]
    agreed = float((ask(student, held).argmax(1) == ask(module, held).argmax(1)).float().mean())
    assert agreed > 0.93
    (answer,) = exported(student, held, tmp_path / "student.onnx").run(None, held)
    assert np.allclose(answer, ask(student, held).numpy(), atol=1e-4)


@pytest.mark.slow
def test_a_transformer_student_has_fewer_layers_and_comes_nearer_by_training(tmp_path: Path) -> None:
    module, inputs = encoder(4)
    kept = torch.as_tensor(inputs["attention_mask"]).bool()
    told = ask(module, inputs)[kept]

    def lost(each: nn.Module) -> float:
        return float((ask(each, inputs)[kept] - told).square().mean())

    untaught = distil(module, inputs, size=0.5, plan=Plan(epochs=0))
    taught = distil(module, inputs, size=0.5, plan=Plan(epochs=12, rate=3e-3))
    for each in (untaught, taught):
        found = layer_list(each)
        assert found is not None
        assert len(found[1]) == each.config.num_hidden_layers == 2
    assert module.config.num_hidden_layers == 4
    assert lost(taught) < 0.9 * lost(untaught)
    (answer,) = exported(taught, inputs, tmp_path / "student.onnx").run(None, inputs)
    assert np.allclose(answer[kept.numpy()], ask(taught, inputs)[kept].numpy(), atol=1e-3)


def test_the_layers_that_do_nothing_are_the_ones_that_go() -> None:
    module, inputs = encoder(4)
    with torch.no_grad():
        for place in (1, 3):  # what they add is nothing, so that they only pass on
            for name in ("attention.output.dense", "output.dense"):
                dense = module.encoder.layer[place].get_submodule(name)
                dense.weight.zero_()
                dense.bias.zero_()
    assert least_missed(module, "encoder.layer", prepare(module, inputs), 2) == [0, 2]


def test_a_training_ends_with_its_time_and_tells_how_far_it_is() -> None:
    module, inputs = encoder(4)
    told: list[Progress] = []
    began = time.monotonic()
    distil(module, inputs, plan=Plan(epochs=10_000, seconds=0.5, progress=told.append))
    assert time.monotonic() - began < 30
    assert 0 < len(told) < 10_000
    assert [each.epoch for each in told] == list(range(1, len(told) + 1))
    assert told[-1].seconds >= 0.5
    assert told[-1].held_loss is not None


@pytest.mark.slow
def test_the_same_seed_gives_the_same_student() -> None:
    module, inputs, labels = digits()
    some = {"pixels": inputs["pixels"][:100]}
    plans = [Plan(epochs=1, seed=1), Plan(epochs=1, seed=1), Plan(epochs=1, seed=2)]
    one, two, other = (_weights(distil(module, some, labels[:100], plan=plan)) for plan in plans)
    assert all(map(torch.equal, one, two))
    assert not all(map(torch.equal, one, other))


@pytest.mark.slow
def test_self_distillation_keeps_the_architecture_and_needs_labels() -> None:
    module, inputs, labels = digits()
    taught = self_distil(module, inputs, labels, plan=Plan(epochs=3))
    assert [each.shape for each in _weights(taught)] == [each.shape for each in _weights(module)]
    assert not all(map(torch.equal, _weights(taught), _weights(module)))
    right = float((ask(taught, inputs).argmax(1) == torch.as_tensor(labels)).float().mean())
    assert right > 0.97
    with pytest.raises(TrainingError, match="needs labels"):
        self_distil(module, inputs)


class TwoTasks(nn.Module):
    """Which digit it is, and how dark its picture is."""

    def __init__(self, digit: nn.Module) -> None:
        super().__init__()
        self.digit = digit

    def forward(self, pixels: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"digit_logits": self.digit(pixels), "darkness": pixels.mean(1, keepdim=True)}


@pytest.mark.slow
def test_multi_task_distillation_answers_every_output() -> None:
    module, inputs, labels = digits()
    both = TwoTasks(module).eval()
    columns = {"digit_logits": labels, "darkness": inputs["pixels"].mean(1)}
    student = multi_task(both, inputs, columns, size=0.5, plan=Plan(epochs=30))
    told, said = (answers(each, prepare(each, inputs)) for each in (both, student))
    assert said.keys() == told.keys()
    assert float((said["digit_logits"].argmax(1) == told["digit_logits"].argmax(1)).float().mean()) > 0.95
    spread = float(told["darkness"].var())
    assert float((said["darkness"] - told["darkness"]).square().mean()) < 0.1 * spread
    with pytest.raises(TrainingError, match="two outputs or more"):
        multi_task(module, inputs, labels)


def test_soft_targets_are_met_by_the_teacher_itself_alone() -> None:
    logits = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    assert float(soft(logits + 3, logits)) == pytest.approx(0, abs=1e-5)  # logits say the same up to a constant
    assert float(soft(2 * logits, logits)) > 0.01


def test_padding_does_not_count() -> None:
    generator = torch.Generator().manual_seed(0)
    told, said = torch.randn(2, 4, 3, generator=generator), torch.randn(2, 4, 3, generator=generator)
    mask = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 0]])
    other = said.clone()
    other[mask == 0] += 100
    assert float(near(said, told, mask)) == pytest.approx(float(near(other, told, mask)))
    assert float(near(told, told, mask)) == pytest.approx(0, abs=1e-5)


def test_what_cannot_be_distilled_is_said_in_one_line() -> None:
    module, inputs, _ = digits()
    one, tokens = encoder(1)
    words = nn.Sequential(nn.EmbeddingBag(10, 4), nn.Linear(4, 2))
    wrong = {
        "size of a student": lambda: distil(module, inputs, size=1.0),
        "one layer": lambda: distil(one, tokens),
        "whole numbers": lambda: distil(words, {"words": np.ones((4, 3), np.int64)}),
        "answers the labels": lambda: distil(module, inputs, np.full(1797, 11), plan=Plan(epochs=1)),
        "weight of labels": lambda: distil(module, inputs, hard=2.0),
    }
    for said, tried in wrong.items():
        with pytest.raises(TrainingError, match=said) as raised:
            tried()
        assert "\n" not in str(raised.value)

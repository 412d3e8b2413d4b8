"""What the rules nominate for which model and processor, and what they name as not measured."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nonet.blueprints.model_optimization import machine, rules
from nonet.blueprints.model_optimization.blueprint import blueprint
from nonet.blueprints.model_optimization.design import Design
from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.graphs.steps.brief import parse
from nonet.state import Evidence
from nonet.trials.candidates import gather
from nonet.trials.space import canonical, neighbours

TRANSFORMER = {
    "format": "torch",
    "module": True,
    "transformer": True,
    "heads": 12,
    "outputs": 1,
    "labels": "computed",
    "processor": "avx2,avx512,vnni",
    "threads": 1,
}
TREES = {**TRANSFORMER, "format": "sklearn", "module": False, "transformer": False, "heads": 0}


def proposed(
    data: dict[str, Any], goal: str = "Optimise it", budget: str = "20 trials", evidence: list[Evidence] | None = None
):
    inputs = {"model": "m", "examples": "x.npz"}
    brief = parse(blueprint, {"goal": goal, "inputs": inputs, "budget": budget}, inputs, budget)  # type: ignore[typeddict-item]
    return rules.propose(brief, Inputs(**inputs), evidence or [], data), brief


def test_int8_comes_first_for_a_transformer_on_vnni_and_is_fused():
    proposal, _ = proposed(TRANSFORMER)
    first = proposal.nominations[0].design
    assert (first["precision"], first["fused"], first["per_channel"]) == ("int8_dynamic", True, True)
    assert proposal.baseline.design["runtime"] == "original"
    assert all(each.design["runtime"] != "original" for each in proposal.nominations)


def test_a_pipeline_gets_no_network_s_candidates():
    proposal, _ = proposed(TREES, goal="INT8 and torch.compile for it")
    assert {each.design["technique"] for each in proposal.nominations} == {"none"}
    assert any("PyTorch module" in each.needs for each in proposal.exclusions)


def test_what_cannot_run_here_is_named_with_what_it_needs():
    proposal, _ = proposed(TRANSFORMER)
    assert {"TensorRT", "TensorFlow Lite", "XLA"} <= {each.what for each in proposal.exclusions}
    assert all(each.needs for each in proposal.exclusions)


def test_training_and_compiling_wait_for_a_budget_that_holds_them():
    def techniques(budget: str) -> set[Any]:
        return {
            (each.design["technique"], each.design["runtime"])
            for each in proposed(TRANSFORMER, budget=budget)[0].nominations
        }

    assert ("distil", "onnxruntime") not in techniques("60s")
    assert ("distil", "onnxruntime") in techniques("600s")
    assert ("none", "inductor") not in techniques("599s")
    assert ("none", "inductor") in techniques("600s")


def test_a_compile_that_a_budget_in_time_cannot_hold_is_named_with_the_one_that_can():
    short, _ = proposed(TRANSFORMER, goal="Try torch.compile and INT8", budget="240s")
    assert "inductor" not in {each.design["runtime"] for each in short.nominations}
    assert "--budget 10m" in next(each.needs for each in short.exclusions if each.what == "torch.compile")
    counted, _ = proposed(TRANSFORMER, goal="Try torch.compile and INT8")
    places = [each.design["runtime"] for each in counted.nominations]
    assert set(places[places.index("inductor") :]) == {"inductor"}, "it takes no place of what is quick to build"


def test_memory_and_the_code_nominate_too():
    remembered = Evidence(
        id="r",
        step="recall",
        tool="qdrant-find",
        backend="journal",
        reference="p",
        title="like",
        excerpt="",
        facts={"design": {"runtime": "openvino"}},
    )
    code = Evidence(
        id="c",
        step="training_code",
        tool="search_code",
        backend="local",
        reference="a.py:3",
        title="",
        excerpt="model.half()",
        facts={},
    )
    proposal, _ = proposed(TREES, evidence=[remembered, code])
    seats = {each.seat: each.design for each in proposal.nominations}
    assert seats["memory"]["runtime"] == "openvino"
    assert seats["existing"]["precision"] == "fp16"


def test_what_won_before_is_the_memory_s_nomination_too_where_the_rules_have_it():
    won = canonical(Design, {"runtime": "onnxruntime", "precision": "int8_dynamic", "per_channel": True, "fused": True})
    remembered = Evidence(
        id="m",
        step="recall",
        tool="qdrant-find",
        backend="journal",
        reference="p",
        title="like",
        excerpt="",
        facts={"design": won},
    )
    proposal, _ = proposed(TRANSFORMER, goal="INT8", evidence=[remembered])
    together = gather(Design, proposal.nominations)[0]
    assert [each.design for each in together].count(won) == 1
    assert together[0].seats == ["rules", "memory"]
    assert together[0].evidence == ["m"]


@pytest.mark.parametrize(
    ("goal", "given", "wanted"),
    [
        ("Optimise it", {}, ["fidelity>=0.99"]),
        ("Optimise it", {"max_loss": 0.05}, ["fidelity>=0.95"]),
        ("INT8 with 3x speed-up", {}, ["speedup>=3", "fidelity>=0.99"]),
    ],
)
def test_the_bar_on_fidelity_stands_unless_another_is_named(goal: str, given: dict[str, Any], wanted: list[str]):
    inputs = {"model": "m", "examples": "x.npz", **given}
    assert parse(blueprint, {"goal": goal, "inputs": inputs}, inputs, "5 trials").targets == wanted  # type: ignore[typeddict-item]


def test_a_target_on_fidelity_takes_the_place_of_the_bar():
    inputs = {"model": "m", "examples": "x.npz"}
    state: Any = {"goal": "Faster", "inputs": inputs, "targets": ["fidelity>=0.9"]}
    assert parse(blueprint, state, inputs, "5 trials").targets == ["fidelity>=0.9"]


def test_designs_that_nobody_can_run_are_outside_the_space():
    for fields in (
        {"runtime": "original", "precision": "int4"},
        {"runtime": "torch", "technique": "distil", "amount": 0.5},
        {"runtime": "onnxruntime", "technique": "distil"},
        {"runtime": "onnxruntime", "technique": "quantization_aware", "precision": "int8_dynamic"},
    ):
        with pytest.raises(ValidationError):
            Design.model_validate(fields)


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        (TREES, {"level"}),
        ({**TREES, "format": "onnx"}, {"level", "precision", "runtime"}),
        (TRANSFORMER, {"level", "precision", "runtime", "fused", "technique"}),
    ],
)
def test_a_model_has_no_neighbours_that_it_cannot_be(data: dict[str, Any], changed: set[str]):
    leader = canonical(Design, {"runtime": "onnxruntime"})
    leader["amount"] = 0.5  # shrinking is one step away only where a share stands already
    given = Inputs(model="m", examples="x.npz")
    found = [
        design
        for design in neighbours(Design, leader)
        if design["runtime"] != "original" and not blueprint.lacking(design, given, data)
    ]
    assert {name for design in found for name in design if design[name] != leader[name] and name != "amount"} == changed
    assert not {"self_distil", "multi_task"} & {design["technique"] for design in found}


def test_no_more_threads_are_tried_than_are_allowed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine, "processors", lambda: 4)
    two = canonical(Design, {"runtime": "onnxruntime", "threads": 2})
    assert "1 are allowed" in rules.lacking(two, TRANSFORMER)
    assert not rules.lacking(two, {**TRANSFORMER, "threads": 0})
    assert rules.lacking({**two, "threads": 8}, {**TRANSFORMER, "threads": 0})
    assert "already" in rules.lacking({**two, "threads": 4}, {**TRANSFORMER, "threads": 0})


def test_fields_that_mean_nothing_make_no_other_design():
    plain = Design(runtime="onnxruntime")
    assert Design(runtime="onnxruntime", per_channel=True, calibration="entropy", epochs=3).normalised() == plain
    assert Design(fused=True, level="basic").normalised() == Design()
    pruned = Design(runtime="onnxruntime", technique="prune_structured", amount=0.25)
    assert pruned.model_copy(update={"fused": True}).normalised() == pruned


def test_the_processor_s_flags_are_read_as_the_kernel_tells_them():
    assert machine.flags("flags\t\t: fpu avx2 avx512f avx512_vnni amx_tile amx_bf16\n") == {
        "avx2",
        "avx512",
        "vnni",
        "bf16",
        "amx",
    }
    assert machine.flags("model name: x\n") == frozenset()

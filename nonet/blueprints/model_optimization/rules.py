"""The rules' seat: what the model's kind, the processor and the targets nominate, exclude and find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from nonet.blueprints.model_optimization import existing, machine, technologies
from nonet.blueprints.model_optimization.design import Design
from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.blueprints.model_optimization.naming import describe
from nonet.errors import InputError
from nonet.state import Brief, Evidence, Json
from nonet.trials import budget
from nonet.trials.contract import Exclusion, Finding, Nomination, Proposal
from nonet.trials.space import canonical, key

Idea = tuple[Mapping[str, Json], str]
COMPILE_SECONDS = 600.0
"""Budgets from here on hold compiling ahead of time: six transformer blocks take a minute of an idle processor, and up
to four of a busy one, of a budget that others share and that keeps a part for timing."""
TRAINING_SECONDS = 300.0
"""Budgets from here on hold candidates that train."""
_ORT: Mapping[str, Json] = {"runtime": "onnxruntime"}
_INT8: Mapping[str, Json] = {**_ORT, "precision": "int8_dynamic"}
_NETWORKS = ("torch", "onnx")


def propose(brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
    """Nominate, most telling first: what the request names, what memory holds, then by model and machine."""
    found: dict[tuple[str, str], Nomination] = {}  # by design and seat: each seat that names a design is on record
    exclusions = [Exclusion(name, needs) for name, needs in technologies.NOT_MEASURED.items()]

    def nominate(fields: Mapping[str, Json], seat: str, reason: str, ids: Sequence[str] = ()) -> None:
        try:
            design = canonical(Design, fields)
        except InputError as error:
            exclusions.append(Exclusion(f"a design from {seat} ({reason})", error.message, tuple(ids)))
            return
        if needs := lacking(design, data) or _compiling(design, brief):
            exclusions.append(Exclusion(describe(design), needs, tuple(ids)))
            return
        found.setdefault((key(design), seat), Nomination(design, seat, reason, tuple(ids)))

    named = [name for name in brief.technologies if name in technologies.PARTS]
    compiled = [name for name in named if technologies.PARTS[name].get("runtime") == "inductor"]
    for name in named:
        if name not in compiled:
            nominate(_fused(technologies.PARTS[name], data), "rules", f"the request names {name}")
    _remembered(nominate, evidence)
    for fields, reason in ideas(brief, inputs, data):
        nominate(fields, "rules", reason)
    for name in compiled:  # behind the others: what takes minutes, and may not end, takes the place of none of them
        nominate(technologies.PARTS[name], "rules", f"the request names {name}")
    for fields, reason, ids in existing.nominations(evidence):
        nominate(fields, "existing", reason, ids)
    baseline = Nomination(canonical(Design, {}), "rules", "the model as it was given")
    nominations = [each for each in found.values() if each.design != baseline.design]
    findings = [*_told(data), *existing.findings(evidence, inputs)]
    return Proposal(baseline, nominations, list(dict.fromkeys(exclusions)), findings)


def lacking(design: Mapping[str, Json], data: Mapping[str, Json]) -> str:
    """Return what a design would need that this model, machine or environment does not have; "" for nothing."""
    if design["runtime"] in ("torch", "inductor") and data["format"] != "torch":
        return "a PyTorch module: a Hugging Face folder or a .pt2 file"
    if design["technique"] != "none" and not data["module"]:
        return "a PyTorch module to change and train: a Hugging Face folder"
    if design["technique"] == "self_distil" and data["labels"] != "given":
        return "labels to learn from: --labels FILE.npy"
    if design["technique"] == "multi_task" and data["outputs"] == 1:
        return "several outputs: a student of one output is what distillation makes"
    if design["fused"] and not data["transformer"]:
        return "a transformer: there are no blocks of its kind to fuse"
    return _threads(design, data)


def _compiling(design: Mapping[str, Json], brief: Brief) -> str:
    """Say which budget in time a design that is compiled ahead would need, where the one there is is shorter."""
    seconds = budget.parse(brief.budget).seconds
    if design["runtime"] != "inductor" or seconds is None or seconds >= COMPILE_SECONDS:
        return ""
    minutes = f"{COMPILE_SECONDS / 60:.0f}m"
    return f"minutes of compiling before it computes anything: a budget of {minutes} or more (--budget {minutes})"


def beyond(design: Mapping[str, Json], data: Mapping[str, Json]) -> str:
    """Return what keeps a design from being a neighbour; a person who names it has it tried all the same.

    What a pipeline computes is mostly trees and linear operators of ONNX's own domain for them, which have no narrow
    form and which OpenVINO does not read; a perceptron in it is the exception.
    """
    if design["runtime"] == "inductor":
        return "minutes of compiling: the request or a long budget nominates it"
    if data["format"] not in _NETWORKS and (design["precision"] != "fp32" or design["runtime"] == "openvino"):
        return "a neural network"
    return lacking(design, data)


def _threads(design: Mapping[str, Json], data: Mapping[str, Json]) -> str:
    """Say why a number of threads is no choice here: all that are allowed is what 0, the default, takes."""
    wanted = cast(int, design["threads"])
    allowed = min(cast(int, data["threads"]) or machine.processors(), machine.processors())
    if wanted > allowed:
        return f"{wanted} threads; {allowed} are allowed here"
    return "another number of threads: all that are allowed are taken already" if wanted == allowed else ""


def ideas(brief: Brief, inputs: Inputs, data: Mapping[str, Json]) -> Iterator[Idea]:
    """Yield designs in the order in which to measure them, each with its reason."""
    network, transformer = data["format"] in _NETWORKS, bool(data["transformer"])
    fast = set(str(data["processor"]).split(","))
    seconds = budget.parse(brief.budget).seconds
    if network:
        why = "INT8 arithmetic of this processor (VNNI)" if "vnni" in fast else "INT8 weights a quarter of the size"
        yield _fused({**_INT8, "per_channel": True}, data), why
    yield _ORT, "the graph as exported, rewritten by ONNX Runtime"
    if network:
        yield from _of_networks(data, fast, transformer)
    if (inputs.threads or machine.processors()) > 1:
        yield {**_ORT, "threads": 1}, "one thread: a small model waits for threads longer than it computes"
    if network and (seconds is None or seconds >= TRAINING_SECONDS):
        yield from _trained(data)
    if seconds is not None and seconds >= COMPILE_SECONDS and data["format"] == "torch":
        yield {"runtime": "inductor"}, "compiled ahead of time; the budget holds its compile time"


def _of_networks(data: Mapping[str, Json], fast: set[str], transformer: bool) -> Iterator[Idea]:
    yield {**_INT8, "per_channel": False}, "one scale a matrix: faster still where the weights allow it"
    if transformer:
        yield {**_ORT, "fused": True}, "attention and normalisation as single operators"
    yield {"runtime": "openvino"}, "another compiler for the same graph"
    yield (
        {**_ORT, "precision": "int8_static", "per_channel": True},
        "ranges fixed on the fit examples: nothing is measured while serving",
    )
    if {"amx", "bf16"} & fast:
        yield {"runtime": "openvino", "precision": "bf16"}, "BF16 arithmetic of this processor"
        if data["format"] == "torch":
            yield {"runtime": "torch", "precision": "bf16"}, "BF16 arithmetic of this processor"
    static: Mapping[str, Json] = {**_ORT, "precision": "int8_static", "per_channel": True}
    yield {**static, "calibration": "percentile"}, "static ranges that leave outliers out"
    yield {**static, "calibration": "entropy"}, "static ranges that lose the least information"
    if transformer:
        yield {**_ORT, "precision": "int4"}, "weights in 4 bits: the smallest"
    yield {**_ORT, "precision": "fp16"}, "half the size"
    yield {**_ORT, "level": "basic"}, "less rewriting, to show what it is worth"


def _trained(data: Mapping[str, Json]) -> Iterator[Idea]:
    if not data["module"]:
        return
    small: Mapping[str, Json] = {"epochs": 3}
    pruned: Mapping[str, Json] = {**_ORT, **small, "technique": "prune_structured", "amount": 0.25}
    yield {**_ORT, **small, "technique": "quantization_aware"}, "trained to bear INT8 arithmetic"
    yield {**_ORT, "technique": "distil", "amount": 0.5, "epochs": 10}, "a student of half the size"
    student: Mapping[str, Json] = {**_INT8, "technique": "distil", "amount": 0.5, "epochs": 10, "per_channel": True}
    yield _fused(student, data), "a student of half the size, then INT8"
    yield pruned, "a quarter of the heads and neurons out"
    yield {**pruned, **_INT8, "per_channel": True}, "pruned, then INT8"
    yield {**pruned, "technique": "prune_iterative", "amount": 0.5}, "half of them out, step by step"
    yield (
        {**_ORT, **small, "technique": "prune_unstructured", "amount": 0.5},
        "half of the weights zero: the size packed, not the speed",
    )
    if data["labels"] == "given":
        yield (
            {**_ORT, **small, "technique": "self_distil"},
            "the same size, taught by its own soft answers and the labels",
        )
    if data["outputs"] != 1:
        yield {**_ORT, "technique": "multi_task", "amount": 0.5, "epochs": 10}, "one student for all outputs"


def _fused(fields: Mapping[str, Json], data: Mapping[str, Json]) -> Mapping[str, Json]:
    """Fuse a transformer's blocks before they are narrowed: the fused operators have INT8 forms of their own."""
    narrow = fields.get("runtime") == "onnxruntime" and fields.get("precision") == "int8_dynamic"
    return {**fields, "fused": True} if narrow and data["transformer"] and data["heads"] else fields


def _remembered(nominate: Any, evidence: Sequence[Evidence]) -> None:
    """The design that won on the likest model before."""
    for item in evidence:
        design = item.facts.get("design")
        if item.step == "recall" and isinstance(design, Mapping):
            nominate(dict(design), "memory", f"won on a like model before ({item.title})", [item.id])
            return


def _told(data: Mapping[str, Json]) -> list[Finding]:
    """What the processor has, as far as rules nominated by it."""
    has = str(data["processor"])
    return [
        Finding(f"This processor has {has.replace(',', ', ')}." if has else "The processor's flags are not told here.")
    ]

"""The rules' seat: which mitigations a criterion asks for, what was named, and what cannot be measured on a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from nonet.blueprints.responsible_ai_audit.design import Design, describe
from nonet.blueprints.responsible_ai_audit.inputs import Inputs
from nonet.state import Brief, Evidence, Json
from nonet.trials.contract import Exclusion, Finding, Nomination, Proposal
from nonet.trials.space import key

TECHNOLOGIES: Mapping[str, str] = {
    r"reweigh\w*": "reweighing",
    r"exponentiated.gradient": "exponentiated_gradient",
    r"grid.?search": "grid_search",
    r"threshold.?optimi[sz]er|post.?processing": "threshold_optimizer",
    r"correlation.remov\w*": "correlation_removal",
    r"differential(ly)?.priva\w+|\bDP\b": "differential privacy",
    r"federated": "federated learning",
    r"adversarial.debias\w*": "adversarial debiasing",
    r"\bAIF360\b": "AIF360",
    r"attention": "attention",
}
NOT_MEASURED = {
    "federated learning": "several parties with rows of their own; one table has one owner",
    "adversarial debiasing": "a neural network and its adversary (PyTorch), which this project does without",
    "AIF360": "the library AIF360; its reweighing is measured by the project's own",
    "attention": "a transformer; a table's model has no attention to show, Shapley values stand in its place",
}
TRAINED = ("boosting", "logistic")


def propose(brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
    """Nominate in the order in which to measure: what is there, what the criterion asks for, the rest, privacy.

    Args:
        brief: the typed request.
        inputs: what the person gave.
        evidence: what the steps gathered.
        data: the table's fingerprint.
    """
    given = given_model(inputs)
    docket: dict[str, Nomination] = {}
    findings: list[Finding] = []

    def nominate(fields: Mapping[str, Json], seat: str, reason: str, references: Sequence[str] = ()) -> None:
        try:
            design = Design.model_validate(dict(fields)).normalised().model_dump(mode="json")
        except ValidationError as error:
            findings.append(Finding(f"Not nominated ({reason}): {error.errors()[0]['msg']}.", tuple(references)))
            return
        docket.setdefault(key(design), Nomination(design, seat, reason, tuple(references)))

    _remembered(nominate, evidence)
    for name in brief.technologies:
        for fields in _named(name, inputs, given):
            nominate(fields, "rules", f"the request names {name}")
    for fields, reason in _ideas(inputs, given):
        nominate(fields, "rules", reason)
    base: Mapping[str, Json] = given_model(inputs) or {"model": "logistic"}
    what = "the model that was given, as it decides" if given else "logistic regression on all columns, nothing done"
    baseline = Nomination(Design.model_validate(base).normalised().model_dump(mode="json"), "rules", what)
    exclusions = [
        Exclusion(f"{name}, named in the request", NOT_MEASURED[name])
        for name in brief.technologies
        if name in NOT_MEASURED
    ]
    exclusions.append(Exclusion("federated learning", NOT_MEASURED["federated learning"]))
    findings += _code_findings(evidence)
    if inputs.criterion in ("predictive_parity", "calibration"):
        findings.append(
            Finding(
                f"No constrained training exists for {inputs.criterion.replace('_', ' ')} here; calibration by group "
                "is its mitigation, and designs under other constraints are measured beside it."
            )
        )
    others = [each for each in docket.values() if each.design != baseline.design]
    return Proposal(baseline, others, list({e.what: e for e in reversed(exclusions)}.values())[::-1], findings)


def given_model(inputs: Inputs) -> Mapping[str, Json]:
    """The fields of a design around what was given; none where nothing was."""
    source = Path(inputs.model).name if inputs.model else inputs.predictions
    return {"model": "given", "source": source} if source else {}


def constraint(inputs: Inputs) -> str:
    """The constraint that stands nearest to a criterion."""
    return inputs.criterion if inputs.criterion not in ("predictive_parity", "calibration") else "equalized_odds"


def _ideas(inputs: Inputs, model: Mapping[str, Json]) -> list[tuple[Mapping[str, Json], str]]:
    """Designs in the order in which to measure them, each with its reason."""
    wanted = constraint(inputs)
    criterion = inputs.criterion.replace("_", " ")
    ideas: list[tuple[Mapping[str, Json], str]] = []
    if model:
        ideas += [
            (
                {**model, "mitigation": "threshold_optimizer", "constraint": wanted},
                f"the given model kept, its thresholds set by group for {criterion}",
            ),
            (
                {**model, "mitigation": "group_calibration"},
                "the given model kept, its scores calibrated by group",
            ),
            ({"model": "logistic"}, "a plain model to hold the given one against"),
        ]
    ideas += [
        (
            {"model": "logistic", "mitigation": "threshold_optimizer", "constraint": wanted},
            f"reaches {criterion} after training, at the price of deciding by group",
        ),
        (
            {"model": "logistic", "mitigation": "exponentiated_gradient", "constraint": wanted},
            f"trains under {criterion}, and needs no group to decide",
        ),
        ({"model": "private_logistic", "epsilon": 1.0}, "what differential privacy costs, in accuracy and in fairness"),
        ({"model": "logistic", "sees_attributes": False}, "fairness by unawareness: proxies may still speak"),
        ({"model": "logistic", "mitigation": "reweighing"}, "group and label made independent by weights"),
        ({"model": "logistic", "mitigation": "correlation_removal"}, "linear proxies taken out of the features"),
        ({"model": "logistic", "mitigation": "group_calibration"}, "a score means the same in every group"),
        ({"model": "boosting"}, "a stronger model, nothing done"),
        (
            {"model": "boosting", "mitigation": "threshold_optimizer", "constraint": wanted},
            f"the stronger model with thresholds for {criterion}",
        ),
        (
            {"model": "logistic", "mitigation": "grid_search", "constraint": wanted},
            f"one deterministic model on the path to {criterion}",
        ),
        ({"model": "private_logistic", "epsilon": 4.0}, "a weaker guarantee, to show the price of a stronger one"),
    ]
    ideas += [
        (
            {"model": "logistic", "mitigation": mitigation, "constraint": other},
            f"another criterion ({other.replace('_', ' ')}), to show what it would cost",
        )
        for mitigation in ("exponentiated_gradient", "grid_search")
        for other in ("demographic_parity", "equalized_odds", "equal_opportunity")
        if other != wanted
    ]
    return ideas


def _named(name: str, inputs: Inputs, given: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    if name == "differential privacy":
        return [{"model": "private_logistic", "epsilon": 1.0}]
    if name in NOT_MEASURED:
        return []
    model: Mapping[str, Json] = given if given and name == "threshold_optimizer" else {"model": "logistic"}
    return [{**model, "mitigation": name, "constraint": constraint(inputs)}]


def _remembered(nominate: Callable[..., None], evidence: Sequence[Evidence]) -> None:
    """The design that won on the likest table before; a model that was given then is not here now."""
    for item in evidence:
        design = item.facts.get("design")
        if item.step == "recall" and isinstance(design, Mapping) and design.get("model") != "given":
            nominate(dict(design), "memory", f"won on a like table before ({item.title})", [item.id])
            return


def _code_findings(evidence: Sequence[Evidence]) -> list[Finding]:
    """What rules and searches found in the user's code, one sentence each; the code is quoted nowhere."""
    found: list[Finding] = []
    for item in evidence:
        if item.step in ("existing_code", "bias_sources"):
            found.append(Finding(f"{item.reference}: {item.title}", (item.id,)))
    return found[:20]


__all__ = ["TECHNOLOGIES", "constraint", "describe", "propose"]

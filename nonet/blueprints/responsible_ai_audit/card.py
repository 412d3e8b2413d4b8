"""The model card: Hugging Face's format (YAML front matter, its section names), every number from the run's record.

Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nonet.blueprints.responsible_ai_audit import card_data, card_evaluation, card_groups
from nonet.blueprints.responsible_ai_audit.card_text import table
from nonet.blueprints.responsible_ai_audit.inputs import Inputs

_ATTENTION = (
    "Attention: not applicable. It belongs to transformers; models of a table's columns, given ones in skops or ONNX "
    "among them, show none. Shapley values and surrogates stand in its place."
)
_CODE = {
    "decide": "uv run fairness decide people.csv",
    "check": "uv run fairness check people_with_outcomes.csv --strict",
    "monitor": "uv run fairness monitor people.csv",
}


def write(record: Mapping[str, Any]) -> str:
    """Return the card as Markdown."""
    decided = record["decision"]
    inputs = Inputs.model_validate(record["brief"]["inputs"]).model_dump()
    audit = json.loads((Path(record["project"]) / "artifacts" / "audit" / "audit.json").read_text(encoding="utf-8"))
    sections = [
        _front(record),
        f"# Model card: {decided['decision']['description']}",
        _details(record, inputs, decided),
        _uses(inputs),
        card_evaluation.section(record, decided),
        card_evaluation.references(record["opened"]),
        card_groups.section(record["opened"], inputs),
        card_evaluation.candidates(decided),
        card_data.section(audit),
        _explanations(record["account"]),
        card_data.privacy(audit, decided),
        _signature(record["signature"]),
        _start(),
    ]
    return "\n\n".join(section.strip() for section in sections if section) + "\n"


def _front(record: Mapping[str, Any]) -> str:
    """YAML whose scalars are written as JSON, which YAML holds."""
    found = record["delivery"]["holdout_metrics"].get("winner") or record["decision"]["metrics"]
    part = "holdout" if record["delivery"]["holdout_metrics"] else "selection"
    metrics = [
        {"type": name, "name": f"{name} ({part})", "value": round(found[name]["value"], 6)}
        for name in ("accuracy", "f1", "criterion_gap")
        if found.get(name)
    ]
    task = {"type": "tabular-classification", "name": "binary classification of rows"}
    data = {"type": "tabular", "name": "the table that was given"}
    index = [{"name": "audited-classifier", "results": [{"task": task, "dataset": data, "metrics": metrics}]}]
    lines = {
        "library_name": "scikit-learn",
        "pipeline_tag": "tabular-classification",
        "tags": ["tabular-classification", "fairness", "responsible-ai"],
        "model-index": index,
    }
    return "---\n" + "\n".join(f"{name}: {json.dumps(value)}" for name, value in lines.items()) + "\n---"


def _details(record: Mapping[str, Any], inputs: Mapping[str, Any], decided: Mapping[str, Any]) -> str:
    attributes = ", ".join(inputs["attribute"])
    return (
        "## Model Details\n\n"
        f"- **What decides:** {decided['decision']['description']}\n"
        f"- **Held against (baseline):** {decided['baseline']['description']}\n"
        f"- **Outcome:** `{inputs['label']}`; **protected attributes:** {attributes}\n"
        f"- **Criterion:** {inputs['criterion'].replace('_', ' ')}, gap of {inputs['max_gap']:g} at most\n"
        f"- **Why this design:** {decided['decision']['reason']}\n"
        f"- **Run:** {record['run']}"
    )


def _uses(inputs: Mapping[str, Any]) -> str:
    by_group = "Designs that set thresholds or calibrate by group read the protected attributes when they decide"
    return (
        "## Uses\n\nDecisions about people like those of the table, supported by this model and made by somebody. "
        "### Out-of-Scope Use\n\nOther populations; groups listed below as too small, for which nothing is shown; "
        f"decisions without appeal. {by_group}, which the law of a place may forbid: whoever signs has to know it."
    ).replace(". ### Out", ".\n\n### Out")


def _explanations(account: Mapping[str, Any] | None) -> str:
    said: Mapping[str, Any] = (account["said"] if account else None) or {"explanations": None, "reason": None}
    if not said["explanations"]:
        reason = str(said["reason"] or "the project could not give them")
        return f"## Explanations\n\nNot measured: {reason}.\n\n{_ATTENTION}"
    shapley, surrogates = said["explanations"]["shapley"], said["explanations"]["surrogates"]
    rows = [(name, f"{value:.4f}") for name, value in list(shapley["columns"].items())[:12]]
    local = [
        f"- score {each['score']:.3f}, fidelity R² {each['fidelity']:.2f}: "
        + ", ".join(f"{name} {value:+.3f}" for name, value in list(each["columns"].items())[:4])
        for each in surrogates
    ]
    return (
        f"## Explanations\n\n{shapley['method']}: mean absolute value over {shapley['rows']} people drawn column by "
        f"column from the fitted profile (no real person's row ships), {shapley['background']} in the background; "
        f"largest residual {shapley['residual']:.1e}.\n\n"
        + table(["column", "mean absolute Shapley value of the score"], rows)
        + "\n\nLocal surrogates (LIME) of three of them:\n\n"
        + "\n".join(local)
        + f"\n\n{_ATTENTION}"
    )


def _signature(signature: Mapping[str, Any] | None) -> str:
    if not signature or not signature["point"]:
        return (
            "## Signature\n\nunsigned, by option: attributes, criterion and bar were given by option; no person signed "
            "the point."
        )
    reason = f" Reason given: {signature['reason']}" if signature["reason"] else ""
    return f"## Signature\n\nSigned by {signature['name']} at {signature['at']} (point {signature['point']}).{reason}"


def _start() -> str:
    return "## How to Get Started with the Model\n\n```sh\n" + "\n".join(_CODE.values()) + "\n```"


__all__: Sequence[str] = ["write"]

"""The model card: Hugging Face's format (YAML front matter, its section names), every number from the run's record.

Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nonet.blueprints.responsible_ai_audit import card_groups
from nonet.blueprints.responsible_ai_audit.card_text import figure, percent, table
from nonet.blueprints.responsible_ai_audit.inputs import Inputs

_SHOWN = (
    "accuracy",
    "criterion_gap",
    "demographic_parity_gap",
    "equal_opportunity_gap",
    "equalized_odds_gap",
    "predictive_parity_gap",
    "calibration_gap",
    "intersection_gap",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "selection_rate",
    "accuracy_most_frequent",
    "f1_random",
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
        _evaluation(record, decided),
        card_groups.section(record["opened"], inputs),
        _candidates(decided),
        _bias(audit),
        _explanations(record["account"]),
        _privacy(audit, decided),
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


def _evaluation(record: Mapping[str, Any], decided: Mapping[str, Any]) -> str:
    delivered = record["delivery"]
    held = delivered["holdout_metrics"]
    differences: Mapping[str, Any] = record["opened"]["differences"] if record["opened"] else {}
    winner, baseline = (
        (held["winner"], held["baseline"]) if held else (decided["metrics"], decided["baseline"]["metrics"])
    )
    where = (
        "the sealed holdout, opened once, for these two" if held else "the selection rows (too few rows to seal any)"
    )
    rows = [
        (name, figure(winner.get(name)), figure(baseline.get(name)), figure(differences.get(name)))
        for name in _SHOWN
        if winner.get(name) or baseline.get(name)
    ]
    bars = [
        f"- `{each['name']}`: selection {_verdict(each)}; holdout {_verdict(each.get('holdout'))}"
        for each in delivered["targets"]
    ]
    return (
        f"## Evaluation\n\nMeasured on {where}; 95 % intervals.\n\n"
        + table(["metric", "this model", "baseline", "difference (paired)"], rows)
        + "\n\n### The bars\n\n"
        + "\n".join(bars)
        + f"\n\nAccuracy against the baseline: {delivered['holdout']['claim']}. {delivered['holdout']['reason'] or ''}"
    )


def _verdict(row: Mapping[str, Any] | None) -> str:
    if not row or row.get("measured") is None:
        return "not measured"
    word = {True: "met", False: "missed", None: "not shown"}[row["met"]]
    return f"{figure({'value': row['measured'], 'low': row['low'], 'high': row['high']})}, {word}"


def _candidates(decided: Mapping[str, Any]) -> str:
    pareto = set(decided["decision"]["pareto"])
    rows = [
        (
            row["description"],
            figure(row["metrics"].get("accuracy")),
            figure(row["metrics"].get("criterion_gap")),
            "yes" if row["key"] in pareto else "",
            row["failed"] or row["not_measured"] or ("baseline" if row["baseline"] else ""),
        )
        for row in decided["candidates"]
    ]
    head = (
        "## What else was measured\n\nAccuracy against the criterion's gap on the selection rows; Pareto: nothing "
        "beats it on both."
    )
    return f"{head}\n\n" + table(["design", "accuracy", "criterion gap", "Pareto", ""], rows)


def _bias(audit: Mapping[str, Any]) -> str:
    parts = ["## Bias, Risks, and Limitations\n\nOf the fitted rows, before any model."]
    for name, groups in audit["base_rates"].items():
        rows = [(group, f"{each['n']:,}", figure(each["base_rate"])) for group, each in groups.items()]
        parts.append(f"### Base rates by {name}\n\n" + table([name, "rows", "share of the favourable label"], rows))
    for name, found in audit["proxies"].items():
        if found["auc"] is None:
            parts.append(f"Proxies of {name}: not measured, {found['reason']}.")
            continue
        columns = ", ".join(f"{column} ({auc:.3f})" for column, auc in found["columns"].items())
        parts.append(
            f"Proxies of {name}: the other columns tell {name} = {found['against']} from the rest with an AUC of "
            f"{found['auc']:.3f} (.5 is chance). By themselves: {columns}."
        )
    for name, found in audit["label_hints"].items():
        hints = [
            f"{group}: {each['unexplained']:+.3f} ± {1.96 * each['standard_error']:.3f}"
            for group, each in found.items()
            if isinstance(each, Mapping) and each["standard_error"] is not None
        ]
        if hints:
            parts.append(
                f"Hints of bias in the label, by {name}: label less what the other columns predict (95 %): "
                f"{'; '.join(hints)}. A value off 0 is a hint, no proof: columns that were never recorded do the same."
            )
    return "\n\n".join(parts)


def _explanations(account: Mapping[str, Any] | None) -> str:
    said: Mapping[str, Any] = (account["said"] if account else None) or {"explanations": None, "reason": None}
    if not said["explanations"]:
        reason = str(said["reason"] or "the project could not give them")
        return f"## Explanations\n\nNot measured: {reason}."
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
        + "\n\nAttention: not measured, a table's model has none."
    )


def _privacy(audit: Mapping[str, Any], decided: Mapping[str, Any]) -> str:
    found = audit["privacy"]
    rows = [
        (" + ".join(each["columns"]), f"{each['groups']:,}", f"{each['unique']:,}", percent(each["share_below"]))
        for each in found["combinations"]
    ]
    private = [row for row in decided["candidates"] if row["design"]["model"] == "private_logistic" and row["metrics"]]
    base = decided["baseline"]["metrics"].get("accuracy")
    told = [
        f"- ε = {row['design']['epsilon']:g}: accuracy {figure(row['metrics'].get('accuracy'))} against the baseline's "
        f"{figure(base)}, criterion gap {figure(row['metrics'].get('criterion_gap'))}"
        for row in private
    ] or ["- Not measured in this run: the budget ended before it, or its designs were dropped by a person."]
    return (
        "## Privacy\n\nQuasi-identifiers of the fitted rows, the worst combination of each size "
        f"(rows in groups below {found['k']} can be singled out):\n\n"
        + table(["columns", "groups", "unique rows", f"rows in groups below {found['k']}"], rows)
        + "\n\nDifferential privacy of the weights (output perturbation; how columns are encoded counts as public; "
        "measured with repeatable noise, so refit with a secret before release):\n\n"
        + "\n".join(told)
        + "\n\nFederated learning: not measured. It would keep rows where they are and share updates; it needs several "
        "parties, and without secure aggregation or differential privacy updates still leak rows."
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

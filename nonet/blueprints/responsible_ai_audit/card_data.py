"""The card's section on the data: base rates, proxies, hints of bias, late columns; and on privacy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonet.blueprints.responsible_ai_audit.card_text import figure, percent, table


def section(audit: Mapping[str, Any]) -> str:
    """Return what the fitted rows say before any model."""
    parts = ["## Bias, Risks, and Limitations\n\nOf the fitted rows, before any model."]
    for name, groups in audit["base_rates"].items():
        rows = [(group, f"{each['n']:,}", figure(each["base_rate"])) for group, each in groups.items()]
        parts.append(f"### Base rates by {name}\n\n" + table([name, "rows", "share of the favourable label"], rows))
    for name, found in audit["proxies"].items():
        if found["auc"] is None:
            parts.append(f"Proxies of {name}: not measured, {found['reason']}.")
            continue
        columns = ", ".join(f"{column} {figure(auc)}" for column, auc in found["columns"].items())
        parts.append(
            f"Proxies of {name}: the other columns tell {name} = {found['against']} from the rest with an AUC of "
            f"{figure(found['auc'])} (.5 is chance). By themselves: {columns}."
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
    if late := audit["table"]["suspects"]:
        parts.append(
            "Perhaps known only after the outcome, and learned from here: "
            + "; ".join(f"{name} ({why})" for name, why in late.items())
            + ". A model that reads such a column cannot decide before the outcome, and looks better than it is."
        )
    return "\n\n".join(parts)


def privacy(audit: Mapping[str, Any], decided: Mapping[str, Any]) -> str:
    """Return quasi-identifiers, what differential privacy cost, and what was not measured."""
    found = audit["privacy"]
    rows = [
        (" + ".join(each["columns"]), f"{each['groups']:,}", f"{each['unique']:,}", percent(each["share_below"]))
        for each in found["combinations"]
    ]
    private = [row for row in decided["candidates"] if row["design"]["model"] == "private_logistic" and row["metrics"]]
    plain = next((row for row in decided["candidates"] if _is_plain(row["design"]) and row["metrics"]), None)
    open_accuracy = figure((plain["metrics"] if plain else decided["baseline"]["metrics"]).get("accuracy"))
    beside = "the same regression's without it" if plain else "the baseline's"
    told = [
        f"- ε = {row['design']['epsilon']:g}: accuracy {figure(row['metrics'].get('accuracy'))} against {beside} "
        f"{open_accuracy}, criterion gap {figure(row['metrics'].get('criterion_gap'))} (selection rows)"
        for row in private
    ] or ["- Not measured in this run: the budget ended before it, or its designs were dropped by a person."]
    return (
        "## Privacy\n\nQuasi-identifiers of the fitted rows, the worst combination of each size "
        f"(rows in groups below {found['k']} can be singled out):\n\n"
        + table(["columns", "groups", "unique rows", f"rows in groups below {found['k']}"], rows)
        + "\n\nDifferential privacy of the weights (output perturbation; how columns are encoded counts as public; "
        "the profile for monitoring and this card are not private; measured with repeatable noise, so refit with a "
        "secret before release):\n\n"
        + "\n".join(told)
        + "\n\nFederated learning: not measured. It would keep rows where they are and share updates; it needs several "
        "parties, and without secure aggregation or differential privacy updates still leak rows."
    )


def _is_plain(design: Mapping[str, Any]) -> bool:
    return design["model"] == "logistic" and design["mitigation"] == "none" and bool(design["sees_attributes"])

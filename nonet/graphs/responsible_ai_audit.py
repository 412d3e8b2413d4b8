"""Responsible AI audit: existing code → fairness research → bias sources → mitigate → sign → card → store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nonet import blueprints
from nonet.graphs.steps.approve import approve
from nonet.graphs.steps.brief import brief
from nonet.graphs.steps.consult import consult, second_round
from nonet.graphs.steps.decide import decide
from nonet.graphs.steps.deliver import deliver
from nonet.graphs.steps.design import design
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Builder, Flow
from nonet.graphs.steps.gather import gather
from nonet.graphs.steps.implement import first_round
from nonet.graphs.steps.prepare import prepare
from nonet.graphs.steps.report import report
from nonet.graphs.steps.review import review
from nonet.graphs.steps.sign import sign
from nonet.graphs.steps.store import recall, store
from nonet.graphs.steps.workflow import Workflow
from nonet.trials.blueprint import Blueprint

TOPICS = ("fairness metrics by group", "bias detection", "bias mitigation", "privacy of training data")
CODE = (
    r"/\.fit\(|fit_transform\(|train_test_split\(|xgb\.train\(|lgb\.train\(|trainer\.train\(/",
    r"/\.predict(_proba)?\(|decision_function\(|InferenceSession\(/",
    r"/MetricFrame|fairlearn|aif360|demographic_parity|equalized_odds/",
)
LIBRARIES = (
    "fairlearn: ThresholdOptimizer constraints objective",
    "fairlearn: ExponentiatedGradient eps max_iter",
    "shap: PermutationExplainer",
)
SOURCES_OF_BIAS = ("label-leakage, data-leakage, metrics",)


def topics(desk: Desk) -> Sequence[str]:
    """What to research: the goal, the criterion that applies, and what every audit needs."""
    criterion = str(desk.brief.inputs.get("criterion", "")).replace("_", " ")
    return [desk.brief.goal, f"{criterion} fairness", *TOPICS]


def code(desk: Desk) -> Sequence[str]:
    """The searches that find training, prediction, fairness code and uses of the protected attributes."""
    from nonet.blueprints.responsible_ai_audit.inputs import Inputs

    inputs = Inputs.model_validate(desk.brief.inputs)
    return [*CODE, *(f'"{name}"' for name in inputs.attribute)]


def graph() -> Builder:
    """Build the workflow's graph, uncompiled."""
    flow = Flow(_blueprint)
    flow.step("brief", brief, "Read the request; ask who is protected and what fair means")
    flow.step("prepare", prepare, "Prepare environment and table, seal the holdout", after="brief")
    flow.step("recall", recall, "Recall what won on like tables", after="prepare", booked=True)
    flow.step(
        "existing_code",
        gather("existing_code", "code_reader", code),
        "Search training and prediction code",
        after="recall",
        booked=True,
    )
    flow.step(
        "research",
        gather("research", "researcher", topics),
        "Research fairness metrics and bias detection",
        after="existing_code",
        booked=True,
    )
    flow.step(
        "framework_docs",
        gather("framework_docs", "librarian", lambda _: LIBRARIES),
        "Read library docs",
        after="existing_code",
        booked=True,
    )
    flow.step(
        "bias_sources",
        gather("bias_sources", "inspector", lambda _: SOURCES_OF_BIAS),
        "Inspect the code for sources of bias",
        after=("research", "framework_docs"),
        booked=True,
    )
    flow.step("design", design, "Nominate mitigations", after="bias_sources", booked=True)
    flow.step("approve", approve, "Approve the candidates", after="design")
    flow.step("implement", first_round, "Detect, mitigate and measure", after="approve", booked=True)
    flow.step("consult", consult, "Ask the council, which sees what was measured", after="implement", booked=True)
    flow.step("implement_more", second_round, "Mitigate and measure what it nominates", after="consult", booked=True)
    flow.step("decide", decide, "Decide by accuracy under the bar on the gap", after="implement_more")
    flow.step("review", review, "Hold the opinions against the measurements", after="decide")
    flow.step("sign", sign, "A person signs one point", after="review")
    flow.step("deliver", deliver, "Ship it, open the holdout, write the model card", after="sign")
    flow.step("store", store, "Store what won", after="deliver")
    flow.step("report", report, "Write the report", after="store")
    return flow.finish("report")


def _blueprint() -> Blueprint[Any, Any]:
    return blueprints.load("responsible_ai_audit")


WORKFLOW = Workflow(
    name="responsible_ai_audit",
    title="Audit a model's decisions for bias: gaps by group, mitigations measured, one point signed, a model card",
    triggers=(
        r"\bbias(es|ed)?\b",
        r"\bfair(ness)?\b",
        r"responsible.ai",
        r"\baudit\w*\b",
        r"demographic|protected (group|attribute)s?|discriminat\w+",
    ),
    graph=graph,
    blueprint=_blueprint,
)

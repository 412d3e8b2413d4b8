"""What a trial of this workflow is judged by."""

from __future__ import annotations

from nonet.trials.contract import Metric, Objective
from nonet.trials.metrics import counted


def _gap(name: str, description: str) -> Metric:
    return Metric(name, "minimise", description, mean=False)


METRICS = (
    Metric("accuracy", "maximise", "Share of rows decided like their label", tolerance=0.005),
    _gap("criterion_gap", "The gap of the criterion that applies: the largest difference between two groups"),
    _gap("demographic_parity_gap", "Largest difference in selection rates"),
    _gap("equal_opportunity_gap", "Largest difference in true positive rates"),
    _gap("equalized_odds_gap", "The larger of the largest differences in true and in false positive rates"),
    _gap("predictive_parity_gap", "Largest difference in precision"),
    _gap("calibration_gap", "Largest difference in what an outcome is above its mean score"),
    _gap("intersection_gap", "The gap of the criterion between intersections of all attributes that are large enough"),
    Metric("balanced_accuracy", "maximise", "Mean of true positive and true negative rate", mean=False),
    Metric("precision", "maximise", "Share of favourable decisions whose label is favourable", mean=False),
    Metric("recall", "maximise", "True positive rate over all rows", mean=False),
    Metric("f1", "maximise", "Harmonic mean of precision and recall", mean=False),
    Metric("roc_auc", "maximise", "Chance that a favourable row scores above another, ties a half", mean=False),
    Metric("selection_rate", "maximise", "Share of favourable decisions"),
    Metric("accuracy_most_frequent", "maximise", "Accuracy of always deciding the commoner label", mean=False),
    Metric("f1_random", "maximise", "Expected F1 of deciding at random at the base rate", mean=False),
    counted("build_seconds", "s", "Time to fit"),
    counted("parameters", "", "Fitted numbers"),
)

OBJECTIVE = Objective(metric="accuracy", cost="criterion_gap")
"""The most accurate that holds the bar on the gap; within the tolerance of it, the one with the smallest gap."""

"""Training logs of CSV, TensorBoard, JSON and MLflow as series: trends, divergence, overfitting, a plot."""

from __future__ import annotations

from optimization.logs.errors import LogsError
from optimization.logs.folder import read
from optimization.logs.overfitting import Overfitting, overfitting
from optimization.logs.plot import plot
from optimization.logs.series import Series, trend
from optimization.logs.summary import findings, summary

__all__ = ["LogsError", "Overfitting", "Series", "findings", "overfitting", "plot", "read", "summary", "trend"]

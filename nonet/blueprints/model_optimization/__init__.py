"""Optimising a trained model: formats, precisions, smaller graphs and settings, chosen by latency and fidelity."""

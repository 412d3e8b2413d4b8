"""Judging: a chat model rates answers written from what winner and baseline found. An opinion: it decides nothing.

A blueprint takes part by metrics of source "judge" and by ``reading``, which says what of a unit's output is read.
Ratings stand in ``judge.json``; every number made of them is recomputed from there.
"""

from nonet.graphs.steps.judging.judge import judge

__all__ = ["judge"]

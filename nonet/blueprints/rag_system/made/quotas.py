"""How many made questions are asked, and how many of each kind."""

from __future__ import annotations

from collections.abc import Mapping

from nonet.blueprints.rag_system.made.question import Kind

MOST = 400
"""Enough to seal 160, which show a difference of about .04 in nDCG@10, and to time p99 (299); more only costs time."""
ENOUGH = 100
"""With fewer of the kinds that have a share, the others fill up: 40 are then sealed."""
BESIDE = 50
"""Made questions beside fewer than 50 given ones."""
TIMED = 300
"""Distinct questions that p99 needs (299), and one."""
SHARES: Mapping[Kind, float] = {"heading": 0.5, "docstring": 0.5, "sentence": 0.5, "link": 0.0}

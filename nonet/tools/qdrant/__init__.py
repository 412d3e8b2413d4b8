"""Qdrant: the memory. What was measured (patterns) and what was noted (notes), kept in an append-only journal.

``store_pattern`` and ``patterns`` are for workflows; ``qdrant-store`` and ``qdrant-find`` are for agents. Only a
pattern may nominate a design: a note is unmeasured, whatever it says.
"""

from __future__ import annotations

from nonet.tools.qdrant.journal import Journal as Journal
from nonet.tools.qdrant.pattern import Measured as Measured
from nonet.tools.qdrant.pattern import Pattern as Pattern
from nonet.tools.qdrant.pattern import Provenance as Provenance
from nonet.tools.qdrant.pattern import patterns as patterns
from nonet.tools.qdrant.pattern import store_pattern as store_pattern

__all__ = ["Journal", "Measured", "Pattern", "Provenance", "patterns", "store_pattern"]

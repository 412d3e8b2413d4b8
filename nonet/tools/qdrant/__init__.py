"""Qdrant: the memory. What was measured (patterns) and what was noted (notes).

``keep_decision`` and ``patterns`` are for workflows; ``qdrant-store`` and ``qdrant-find`` are for agents. Only a
pattern may nominate a design: a note is unmeasured, whatever it says.

    memory.py      the one way in: journal, index and server behind it
    journal.py     the append-only truth on this machine, and the outbox of a server
    embedded.py    the Qdrant index beside it, in this process
    server.py      a Qdrant server by URL
    points.py      what is indexed and asked; fingerprint.py: the likeness of data
"""

from __future__ import annotations

from nonet.tools.qdrant.decisions import keep_decision as keep_decision
from nonet.tools.qdrant.decisions import patterns as patterns
from nonet.tools.qdrant.decisions import store_pattern as store_pattern
from nonet.tools.qdrant.journal import Journal as Journal
from nonet.tools.qdrant.pattern import Measured as Measured
from nonet.tools.qdrant.pattern import Pattern as Pattern
from nonet.tools.qdrant.pattern import Provenance as Provenance

__all__ = ["Journal", "Measured", "Pattern", "Provenance", "keep_decision", "patterns", "store_pattern"]

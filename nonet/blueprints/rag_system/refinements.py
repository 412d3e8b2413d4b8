"""Packing, decided second: how much context, and how compressed, holds the quoted answers for the fewest tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nonet.blueprints.rag_system.design import PACKING
from nonet.state import Json
from nonet.trials.contract import Objective, Second

SECOND = Second(fields=PACKING, objective=Objective("answer_in_context", "context_tokens"))
"""Order changes neither number: without a judge nothing here can tell orders apart, and passages stay best first."""
BUDGETS = (1000, 2000, 4000, 500)
SHARES = (0.3, 0.5, 0.7)


def of(design: Mapping[str, Json], classifier: str = "") -> Iterator[dict[str, Json]]:
    """Yield the packings of a design to compare: every budget as it is, then compressed; copies kept.

    What the clock cuts off is the end: the plain budgets say most.

    Args:
        design: a canonical design.
        classifier: folder of a token classifier, with which LLMLingua-2 can run.
    """
    plain: list[dict[str, Json]] = [{**design, "context_tokens": budget, "compression": "none"} for budget in BUDGETS]
    yield from plain
    for each in plain:
        yield from ({**each, "compression": "extractive", "compression_share": share} for share in SHARES)
    yield {**design, "deduplicate": not design["deduplicate"]}
    if classifier:
        by_words: dict[str, Json] = {**design, "compression": "llmlingua", "compression_at": classifier}
        yield from ({**by_words, "compression_share": share} for share in SHARES)

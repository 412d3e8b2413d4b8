"""Consulting: seats nominate designs, blind to one another; what they agree on is told, and the measurement decides.

One step for a workflow's graph, before building or after it:

    flow.step("consult", consult, "Ask the council", after="design", booked=True)

After building, the seats see what was measured, and ``second_round`` races what they nominate.
"""

from nonet.graphs.steps.consult.second_round import second_round
from nonet.graphs.steps.consult.step import consult

__all__ = ["consult", "second_round"]

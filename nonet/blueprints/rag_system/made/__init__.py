"""Made questions: asked of the documents themselves where the user has none, or few. One kind a file."""

from nonet.blueprints.rag_system.made.quotas import BESIDE, ENOUGH, MOST, SHARES, TIMED
from nonet.blueprints.rag_system.made.units import beside, timing, units

__all__ = ["BESIDE", "ENOUGH", "MOST", "SHARES", "TIMED", "beside", "timing", "units"]

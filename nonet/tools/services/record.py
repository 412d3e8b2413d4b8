"""What is kept of each call: who was asked, for how long, how much came back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from nonet.state import Json


@dataclass(frozen=True)
class Call:
    """One question to one backend.

    Attributes:
        tool: the tool's name.
        backend: who was asked.
        remote: whether the question went to a service.
        outcome: ``answered``, ``kept`` (answered from the cache), or the fault of a ``ServiceError``, or ``refused``.
        seconds: from the question to the answer, waiting for the pace included.
        attempts: requests made.
        size: characters of what came back.
        items: how many things were found.
    """

    tool: str
    backend: str
    remote: bool
    outcome: str
    seconds: float
    attempts: int = 1
    size: int = 0
    items: int = 0

    def row(self) -> dict[str, Json]:
        """Return it as JSON, with the time it ended (UTC)."""
        return {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **asdict(self)}

"""What was recognised of an existing system."""

from __future__ import annotations

from dataclasses import dataclass, field

from nonet.blueprints.rag_system.existing.values import Unknown
from nonet.state import Json


@dataclass
class Existing:
    """An existing system as a design, as far as it is one.

    Attributes:
        fields: fields of a design: the system itself where nothing is missing, else the nearest that can run here.
        parts: what was found, in words.
        missing: what keeps the design from being that system, by name.
        remarks: how the measured design differs from the code, where it does.
        evidence: ids of the excerpts.
        references: ``path:line`` of the excerpts.
    """

    fields: dict[str, Json] = field(default_factory=dict[str, Json])
    parts: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    remarks: list[str] = field(default_factory=list[str])
    evidence: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    def known(self, value: float | Unknown | None, otherwise: float) -> float:
        """Return a value, or the other one and a note that the value is not known."""
        if isinstance(value, Unknown):
            self.missing.append(f"the value of {value.text}")
            return otherwise
        return otherwise if value is None else value

    def tidy(self) -> None:
        """Name everything once, in order."""
        self.parts = list(dict.fromkeys(self.parts))
        self.missing = list(dict.fromkeys(self.missing))
        self.remarks = list(dict.fromkeys(self.remarks))

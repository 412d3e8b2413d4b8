"""The seats of the council: models that are asked their opinion, each in a role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nonet.providers.provider import PLAYBOOK, Provider, lacking, resolve
from nonet.settings import SeatSettings, Settings

ROLES: Mapping[str, str] = {
    "google_genai": "You review the whole of a large context: what the material says together, and what is missing.",
    "openai": "You review the structure: how the parts of the pipeline fit, and where it breaks under load or change.",
    "anthropic": "You review the implementation: correctness, edge cases, and what its maintainers will trip over.",
}
"""What a seat looks at unless the settings say otherwise: no two families the same thing."""
GENERAL = "You review independently, as an engineer who will run the result."
_STANCES = {
    "": "",
    "for": " Argue for what is proposed; name the strongest grounds, and none that are not true.",
    "against": " Argue against what is proposed; name the strongest objections, and none that are not true.",
}


@dataclass(frozen=True)
class Seat:
    """One voice.

    Attributes:
        name: what reports and the record call it; two seats of one model have two names.
        provider: the model that is asked.
        role: what it is told to look at, stance included.
        lack: why it cannot be asked, "" when it can.
    """

    name: str
    provider: Provider
    role: str
    lack: str


def seats(settings: Settings) -> list[Seat]:
    """Return the council's seats: those of the settings; without any, the agents' own model, if it is one.

    Raises:
        ConfigurationError: a seat names no provider.
    """
    asked = settings.seats
    if not asked and settings.model != PLAYBOOK:
        asked = (SeatSettings(provider=settings.model),)
    made: list[Seat] = []
    for each in asked:
        provider = resolve(settings, each.provider)
        role = each.role or ROLES.get(provider.family, GENERAL)
        name = _name(provider.name, {seat.name for seat in made})
        lack = lacking(settings, provider)
        made.append(Seat(name, provider, role + _STANCES[each.stance], lack.said if lack else ""))
    return made


def _name(wanted: str, taken: set[str]) -> str:
    name, number = re.sub(r"\s+", "-", wanted), 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name

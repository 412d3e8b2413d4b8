"""Who writes the answers and who judges them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nonet import configs
from nonet.errors import ConfigurationError
from nonet.graphs.steps.desk import Desk, says
from nonet.providers.provider import PLAYBOOK, Provider, lacking, resolve
from nonet.tools.clink.seat import Seat, seats


@dataclass(frozen=True)
class Panel:
    """The two models.

    Attributes:
        writer: writes the answers: the model that ships, else that of the settings.
        judge: a seat of another family, else the writer's own model.
    """

    writer: Provider
    judge: Seat

    @property
    def other_family(self) -> bool:
        """Whether the judge is of another family than the writer: a model favours what it wrote itself."""
        return self.judge.provider.family != self.writer.family


def panel(desk: Desk) -> Panel | None:
    """Return who writes and who judges; ``None`` where no chat model is configured.

    Raises:
        ConfigurationError: the writer cannot be asked.
    """
    inputs = desk.blueprint.Inputs
    named = [str(desk.brief.inputs.get(name) or "") for name in inputs.model_fields if says(inputs, name, "chat")]
    name = next(filter(None, [*named, desk.settings.model]))
    if name == PLAYBOOK:
        return None
    writer = resolve(desk.settings, name)
    if lack := lacking(desk.settings, writer):
        raise ConfigurationError(f"The model {name!r} cannot be asked: {lack.said}.", lack.remedy)
    role = configs.text("prompts", "judge.md")
    others = [seat for seat in seats(desk.settings) if not seat.lack and seat.provider.family != writer.family]
    judge = replace(others[0], role=role) if others else Seat(writer.name, writer, role, "")
    return Panel(writer, judge)

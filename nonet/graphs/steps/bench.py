"""The laboratory of a run, opened from its desk."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.gateways import chat_models, embedding_services
from nonet.trials.evaluator import Evaluator, Scorer
from nonet.trials.laboratory import Laboratory
from nonet.trials.ledger import Ledger

SPENT = "spent.jsonl"


def laboratory(desk: Desk, run: Path | None = None) -> Laboratory:
    """Prepare the blueprint's environment and open the run's laboratory on it.

    Args:
        run: another run folder to measure in, with a store and a ledger of its own.

    Raises:
        PreparationError: the environment cannot be built.
    """
    from nonet.trials.environment import prepare
    from nonet.trials.worker import Limits

    settings, folder = desk.settings, desk.blueprint.folder
    groups = desk.blueprint.groups(desk.brief, desk.inputs)
    environment = prepare(folder / "project", settings.home_path, settings.offline, groups)
    return Laboratory(
        folder,
        environment,
        run or desk.folder,
        Limits(seconds=settings.trial_seconds, memory=settings.trial_memory),
        Ledger((run or desk.folder) / SPENT),
        desk.stop,
        settings.isolation,
        desk.blueprint.access,
        settings.offline,
        chat_models(desk),
        embedding_services(desk),
    )


def ledger(desk: Desk) -> Ledger:
    """The run's ledger of what was spent."""
    return Ledger(desk.folder / SPENT)


def evaluator(desk: Desk) -> Evaluator:
    """The run's evaluator; it alone holds the labels."""
    return Evaluator(cast(Scorer, desk.blueprint), desk.units.units)

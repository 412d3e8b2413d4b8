"""What the models of a run may take: one journal for agents and council together, opened from the run's desk."""

from __future__ import annotations

import threading
from weakref import WeakValueDictionary

from nonet.graphs.steps.desk import Desk
from nonet.providers.secrecy import hidden
from nonet.providers.spending import Spending

JOURNAL = "models.jsonl"
LIMITS = "limits.json"
_open: WeakValueDictionary[str, Spending] = WeakValueDictionary()
"""Journals in use: steps that run side by side share what the others have set aside."""
_lock = threading.Lock()


def spending(desk: Desk) -> Spending:
    """Return the journal of the run's models and its limits.

    A run that is resumed without limits keeps those it began with; those it is given replace them.
    """
    path = desk.folder / JOURNAL
    kept: dict[str, float] = desk.read(LIMITS) if desk.has(LIMITS) else {}
    most_tokens = desk.settings.max_tokens if desk.settings.max_tokens is not None else kept.get("max_tokens")
    most_usd = desk.settings.max_usd if desk.settings.max_usd is not None else kept.get("max_usd")
    with _lock:
        found = _open.get(str(path.absolute()))
        if found is None:
            tokens = None if most_tokens is None else int(most_tokens)
            found = Spending(path, most_usd, tokens, hidden(desk.settings))
            _open[str(path.absolute())] = found
        return found


def keep_limits(desk: Desk) -> None:
    """Write the run's limits, if it has any, so that they hold when it is resumed without them."""
    given = {"max_usd": desk.settings.max_usd, "max_tokens": desk.settings.max_tokens}
    limits = {name: value for name, value in given.items() if value is not None}
    if limits:
        desk.write(LIMITS, limits)

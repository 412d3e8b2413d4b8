"""What gets built: one folder a workflow. Found by its files, imported when asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from nonet.errors import UsageError
from nonet.trials.blueprint import Blueprint


def names() -> list[str]:
    """Return the workflows that have a blueprint, sorted; imports none of them."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/blueprint.py"))


def load(name: str) -> Blueprint[Any, Any]:
    """Import one blueprint.

    Raises:
        UsageError: no blueprint has that name.
    """
    if name not in names():
        raise UsageError(f"There is no workflow {name!r}.", f"Workflows: {', '.join(names())}.")
    blueprint = import_module(f"{__name__}.{name}.blueprint").blueprint
    if not isinstance(blueprint, Blueprint):
        raise TypeError(f"{name}/blueprint.py must define `blueprint`, an instance of Blueprint")
    return blueprint  # pyright: ignore[reportUnknownVariableType]

"""Reading skops files of anybody's: of types, only classes of scikit-learn's are made beside what skops itself trusts.

A name that merely begins like scikit-learn's or numpy's can be a function that runs what it is handed; only estimators,
losses and trees are wanted here, and those are classes.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from fairness.errors import FairnessError


def load(path: Path) -> Any:
    """Return what a skops file holds.

    Raises:
        FairnessError: it does not load, or holds a type that is no class of scikit-learn's.
    """
    from skops import io

    try:
        untrusted = io.get_untrusted_types(file=path)
        strangers = sorted(name for name in untrusted if not _is_class(name))
        if not strangers:
            return io.load(path, trusted=untrusted)
    except Exception as error:  # a damaged archive fails in as many ways as there are readers of it
        raise FairnessError(f"{path.name} does not load as a skops file ({line(error)})") from error
    raise FairnessError(f"{path.name} holds what is no class of scikit-learn's ({', '.join(strangers[:3])})")


def _is_class(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    if not module.startswith("sklearn."):
        return False
    try:
        return isinstance(getattr(importlib.import_module(module), attribute, None), type)
    except ImportError:
        return False


def line(error: Exception) -> str:
    """Return an error's first line, cut to a length that can be read."""
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__

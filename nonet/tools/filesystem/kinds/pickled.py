"""Pickles and joblib files: what they would build, and what building it would import. They are never unpickled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.described import Described, flat, magnitude, shown
from nonet.tools.filesystem.kinds.imports import libraries, suspicious
from nonet.tools.filesystem.kinds.outline import Outline, array, class_name, walk
from nonet.tools.filesystem.kinds.pickle_machine import build
from nonet.tools.filesystem.kinds.stream import stream
from nonet.tools.filesystem.kinds.symbols import Built, Made
from nonet.tools.filesystem.kinds.tensors import LARGEST
from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "pickled object"
_CLASSES = 64
_PLUMBING = ("torch._utils.", "collections.OrderedDict")
"""What holds values and is none."""


def is_pickle(head: bytes) -> bool:
    """Whether a file begins with the protocol of a pickle, 2 or later; earlier ones have no signature."""
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def pickled(source: Source, compression: str = "") -> Described:
    """Describe a pickle, as far as it can be read.

    Args:
        source: the file.
        compression: how it is compressed, as ``stream.compression`` names it.

    Raises:
        Unreadable: it is no pickle.
    """
    built, notes = Built(), list[str]()
    try:
        build(stream(source, compression), built)
    except Unreadable as error:
        if built.opcodes < 3:
            raise
        notes.append(f"It {error.reason}; what came before is described.")
    is_joblib = bool(built.arrays) or any(name.module.startswith("joblib.") for name in built.names.values())
    form = "joblib" if is_joblib or compression else "pickle"
    return described(KIND, form, built, notes, compression)


def described(
    kind: str, form: str, built: Built, notes: Sequence[str], compression: str = "", facts: Facts | None = None
) -> Described:
    """Describe what a pickle would build; ``facts`` are added to those that hold for any pickle."""
    outline = Outline(hidden=frozenset({"_sklearn_version"}), private=kind == KIND)
    values, _ = flat(outline.of(built.value))
    values = {name.rstrip(".") or "class": value for name, value in values.items()}
    values = {
        name: value
        for name, value in values.items()
        if not str(value).startswith(_PLUMBING) and value != "an empty mapping"
    }
    danger = suspicious(built.names.values())
    what = class_name(built.value)
    found: Facts = {
        "format": form,
        "compression": compression,
        "protocol": built.protocol,
        "object": what,
        "classes": sorted(built.called)[:_CLASSES],
        "libraries": libraries(built.names.values())[:_CLASSES],
        "suspicious_imports": danger[:_CLASSES],
        "values": values,
        **_arrays(built),
        **(facts or {}),
    }
    version = _sklearn_version(built.value)
    if version:
        found["sklearn_version"] = version
    lines = [
        f"{form} of {what or 'plain values'}, protocol {built.protocol}"
        + (f", {compression}." if compression else "."),
        "Not loaded: loading a pickle runs what it names. It names " + (", ".join(_names(built)) or "nothing") + ".",
        *([f"Written by scikit-learn {version}."] if version else []),
        *shown(values),
    ]
    if danger:
        notes = [f"Do not load it: it would call on {', '.join(danger[:8])}.", *notes]
    return Described(kind, lines, found, notes=notes)


def _names(built: Built) -> list[str]:
    names = sorted(built.names)
    return [*names[:24], f"{len(names) - 24} more"] if len(names) > 24 else names


def _arrays(built: Built) -> Facts:
    """Return how many arrays there are and the numbers in them."""
    shapes = [
        found[0] for _, each in walk(built.value) if isinstance(each, Made) and (found := array(each)) is not None
    ]
    count = sum(math.prod(shape) for shape in shapes)
    return {"arrays": len(shapes), "parameters": min(count, LARGEST)}


def _sklearn_version(value: object) -> str:
    for _, each in walk(value):
        state = (
            cast("dict[object, object]", each.state) if isinstance(each, Made) and isinstance(each.state, dict) else {}
        )
        version = state.get("_sklearn_version")
        if isinstance(version, str):
            return version[:40]
    return ""


def summary_line(count: int, tensors: int) -> str:
    """Return how many tensors and parameters there are, in words."""
    return f"{tensors:,} tensors, {magnitude(count)} parameters."

"""What stands for the objects of a pickle: names, calls and blobs, none of which is ever imported, called or read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nonet.tools.filesystem.unreadable import Unreadable

_ITEM = re.compile(r"(?P<kind>[biufcSUVOmM?])(?P<size>\d*)")


@dataclass(frozen=True)
class Name:
    """Something that would be imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Blob:
    """Bytes or a text too long to keep."""

    length: int


@dataclass(eq=False)
class Made:
    """What a call or a new object would give: of what, with which arguments and state, filled with which items."""

    of: object
    arguments: object = ()
    state: object = None
    items: dict[object, object] = field(default_factory=dict[object, object])
    appended: list[object] = field(default_factory=list[object])

    def is_of(self, *names: str) -> bool:
        """Whether it would be made by one of these, by dotted name."""
        return str(self.of) in names if isinstance(self.of, Name) else False


@dataclass(frozen=True)
class Persistent:
    """What the reader of a pickle would look up elsewhere, such as a storage of PyTorch."""

    identity: object


@dataclass(eq=False)
class Built:
    """What a pickle would build, and what building it would import.

    Attributes:
        value: dictionaries, lists, tuples and scalars; ``Name``, ``Made``, ``Persistent`` and ``Blob`` else.
        names: everything it would import.
        called: what it would call or make an object of.
        protocol: of the pickle.
        arrays: shapes and types of the arrays of joblib.
    """

    value: object = None
    names: dict[str, Name] = field(default_factory=dict[str, Name])
    called: set[str] = field(default_factory=set[str])
    protocol: int = 0
    arrays: list[tuple[tuple[int, ...], str]] = field(default_factory=list[tuple[tuple[int, ...], str]])
    opcodes: int = 0
    kept: int = 0


def item(dtype: object) -> tuple[str, int]:
    """Return a NumPy element type's name and size in bytes, as the pickle of a ``numpy.dtype`` has it.

    Raises:
        Unreadable: it is none.
    """
    arguments = dtype.arguments if isinstance(dtype, Made) and dtype.is_of("numpy.dtype") else None
    text = arguments[0] if isinstance(arguments, tuple) and arguments else None  # pyright: ignore[reportUnknownVariableType]
    match = _ITEM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Unreadable("has an array whose element type is not known")
    size = int(match["size"] or 1) * (4 if match["kind"] == "U" else 1)
    return match.group(), size

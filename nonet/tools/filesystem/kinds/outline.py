"""What a pickle would build, in outline: arrays by shape, objects by class and state; bounded however it is tangled."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from nonet.tools.filesystem.kinds.described import shortened
from nonet.tools.filesystem.kinds.symbols import Blob, Made, Name, Persistent, item
from nonet.tools.filesystem.unreadable import Unreadable

NODE_LIMIT = 5_000
WALK_LIMIT = 200_000
DEPTH_LIMIT = 8
_ARRAYS = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
_BUFFERED = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")
_SCALARS = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
_FORMS = {"f8": "<d", "f4": "<f", "i8": "<q", "i4": "<i", "b1": "<?", "u1": "<B", "i2": "<h", "u8": "<Q", "u4": "<I"}


@dataclass
class Outline:
    """Makes outlines; all of one file share its bound.

    Attributes:
        hidden: fields that are left out.
        private: whether fields whose names begin with an underscore are kept; the parts of a module always are.
        nodes: how much was outlined so far.
    """

    hidden: frozenset[str] = frozenset()
    private: bool = True
    nodes: int = 0

    def of(self, value: object, depth: int = 0) -> object:
        """Return a value as mappings, lists and scalars; an object has its class under ``""`` and its state beside."""
        self.nodes += 1
        if self.nodes > NODE_LIMIT or depth > DEPTH_LIMIT:
            return "…"
        if isinstance(value, dict):
            fields = [
                (str(key), each) for key, each in cast("dict[object, object]", value).items() if self._shows(str(key))
            ]
            return {shortened(key, 100): self.of(each, depth + 1) for key, each in fields[:NODE_LIMIT]}
        if isinstance(value, list | tuple):
            each_of = cast("list[object]", value)
            if len(each_of) > 32:
                return f"{len(each_of):,} values"
            return [self.of(each, depth + 1) for each in each_of]
        if isinstance(value, Made):
            return self._made(value, depth)
        return _leaf(value)

    def _shows(self, key: str) -> bool:
        return key not in self.hidden and (self.private or key == "_modules" or not key.startswith("_"))

    def _made(self, value: Made, depth: int) -> object:
        found = array(value)
        if found is not None:
            shape, kind = found
            return f"array {kind} [{', '.join(str(extent) for extent in shape[:16])}]"
        if value.is_of(*_SCALARS):
            return _scalar(value)
        state = cast("dict[object, object]", value.state) if isinstance(value.state, dict) else {}
        name, fields = class_name(value) or "an object", {**state, **value.items}
        outline = self.of(fields, depth) if fields else None
        return {"": name, **cast("dict[str, object]", outline)} if isinstance(outline, dict) else name


def class_name(value: object) -> str:
    """Return the class of which something would be made, "" where it is a scalar."""
    if not isinstance(value, Made):
        names: dict[type, str] = {dict: "dict", list: "list", tuple: "tuple"}
        return names.get(type(value), "")
    if array(value) is not None:
        return "numpy.ndarray"
    arguments = cast("tuple[object, ...]", value.arguments) if isinstance(value.arguments, tuple) else ()
    if (
        value.is_of("copyreg._reconstructor", "copy_reg._reconstructor")
        and arguments
        and isinstance(arguments[0], Name)
    ):
        return str(arguments[0])
    return str(value.of) if isinstance(value.of, Name) else ""


def array(value: Made) -> tuple[tuple[int, ...], str] | None:
    """Return the shape and element type of an array, ``None`` if it would be something else."""
    if value.is_of(_WRAPPER) and isinstance(value.state, dict):
        state = cast("dict[str, object]", value.state)
        return naturals(state.get("shape")), _type(state.get("dtype"))
    if value.is_of(*_ARRAYS) and isinstance(value.state, tuple):
        state = cast("tuple[object, ...]", value.state)
        return (naturals(state[1]), _type(state[2])) if len(state) == 5 else None
    if value.is_of(*_BUFFERED) and isinstance(value.arguments, tuple):
        arguments = cast("tuple[object, ...]", value.arguments)
        return (naturals(arguments[2]), _type(arguments[1])) if len(arguments) >= 3 else None
    return None


def walk(value: object) -> Iterator[tuple[str, object]]:
    """Yield everything in a value with its dotted name, each thing once, in order, up to a bound."""
    waiting: list[tuple[str, object]] = [("", value)]
    seen: set[int] = set()
    for _ in range(WALK_LIMIT):
        if not waiting:
            return
        name, each = waiting.pop()
        if isinstance(each, dict | list | tuple | Made):
            identity = id(cast("object", each))
            if identity in seen:
                continue
            seen.add(identity)
        yield name, cast("object", each)
        waiting += reversed([(joined(name, key), inner) for key, inner in _inside(cast("object", each))])


def joined(name: str, key: str) -> str:
    """Return a dotted name; what only holds the parts of a module adds nothing to it."""
    if key in ("", "_modules", "_parameters", "_buffers"):
        return name
    return shortened(f"{name}.{key}" if name else key)


def naturals(value: object) -> tuple[int, ...]:
    """Return the integers of a shape."""
    items = cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()
    return tuple(each for each in items[:64] if isinstance(each, int) and each >= 0)


def _inside(value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [(str(key)[:100], each) for key, each in cast("dict[object, object]", value).items()]
    if isinstance(value, list | tuple):
        return [(str(number), each) for number, each in enumerate(cast("list[object]", value))]
    if isinstance(value, Made):
        inside: list[tuple[str, object]] = [("", value.state), ("", value.items), ("", value.appended)]
        return [*inside, ("", value.arguments)]
    return []


def _leaf(value: object) -> object:
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, Blob):
        return f"{value.length:,} bytes"
    if isinstance(value, Persistent):
        return "stored elsewhere"
    return value


def _type(dtype: object) -> str:
    try:
        return item(dtype)[0]
    except Unreadable:
        return "of unknown type"


def _scalar(value: Made) -> object:
    """Return the number of a NumPy scalar."""
    arguments = cast("tuple[object, ...]", value.arguments) if isinstance(value.arguments, tuple) else ()
    if len(arguments) < 2 or not isinstance(arguments[1], bytes):
        return "a NumPy scalar"
    form = _FORMS.get(_type(arguments[0]))
    if form is None or struct.calcsize(form) != len(arguments[1]):
        return "a NumPy scalar"
    return struct.unpack(form, arguments[1])[0]

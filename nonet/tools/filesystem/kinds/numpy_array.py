"""NumPy arrays: shape and type by the header of ``.npy``, and of each member of ``.npz``.

Source of the format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. The header is a Python
literal; it is parsed as one and never run.
"""

from __future__ import annotations

import ast
import re
from typing import cast

from nonet.tools.filesystem.kinds.archive import Archive
from nonet.tools.filesystem.kinds.described import Described, magnitude
from nonet.tools.filesystem.kinds.tensors import RANK_LIMIT, Tensor, groups, summary
from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "NumPy array"
MAGIC = b"\x93NUMPY"
HEADER_LIMIT = 10_000
"""Bytes of a header, as many as NumPy itself parses."""
MEMBER_LIMIT = 1_000
_ITEM = re.compile(r"[<>|=]?([a-zA-Z?])(\d*)")


def npy(source: Source) -> Described:
    """Describe a ``.npy`` file.

    Raises:
        Unreadable: its header is broken.
    """
    tensor, start, width = _header(source.at(0, HEADER_LIMIT + 12), "array")
    return _described([tensor], "npy", [*_pickles([tensor]), *_misfit(tensor, source.size - start, width)])


def npz(archive: Archive) -> Described:
    """Describe a ``.npz`` archive by the headers of its members; no array is unfolded."""
    tensors: list[Tensor] = []
    misfits: list[str] = []
    names = [name for name in archive.sizes if name.endswith(".npy")]
    for name in names[:MEMBER_LIMIT]:
        head = archive.member(name, HEADER_LIMIT + 12, whole=False)
        tensor, start, width = _header(head, name.removesuffix(".npy"))
        tensors.append(tensor)
        misfits += _misfit(tensor, archive.sizes[name] - start, width)
    notes = [*_pickles(tensors), *misfits[:3]]
    if len(names) > MEMBER_LIMIT:
        notes.append(f"{len(names) - MEMBER_LIMIT:,} more arrays are not described.")
    return _described(tensors, "npz", notes)


def _described(tensors: list[Tensor], form: str, notes: list[str]) -> Described:
    facts = summary(tensors)
    facts |= {"format": form, "pickled": any(tensor.kind.endswith("O") for tensor in tensors)}
    if len(tensors) == 1:
        facts |= {"shape": [str(extent) for extent in tensors[0].shape], "dtype": tensors[0].kind}
    count = sum(tensor.count for tensor in tensors)
    return Described(
        KIND, [f"{form}: {len(tensors):,} arrays, {magnitude(count)} elements.", *groups(tensors)], facts, notes=notes
    )


def _misfit(tensor: Tensor, held: int, width: int | None) -> list[str]:
    """Say where an array has not the bytes of data that its shape needs, at ``width`` bytes an element."""
    if width is None or held == tensor.count * width:
        return []
    return [f"{tensor.name[:100]!r} holds {held:,} bytes of data; its shape needs {tensor.count * width:,}."]


def _pickles(tensors: list[Tensor]) -> list[str]:
    if any("O" in tensor.kind for tensor in tensors):
        return ["It holds pickled objects: numpy.load runs what they name where allow_pickle is true."]
    return []


def _header(data: bytes, name: str) -> tuple[Tensor, int, int | None]:
    """Return an array, where its data begins, and the bytes of an element; ``None`` for a record type."""
    if data[:6] != MAGIC or len(data) < 12:
        raise Unreadable(f"has an array {name[:100]!r} without a header")
    width = 2 if data[6] == 1 else 4
    length = int.from_bytes(data[8 : 8 + width], "little")
    if length > HEADER_LIMIT or 8 + width + length > len(data):
        raise Unreadable(f"has an array {name[:100]!r} whose header of {length:,} bytes is not all there")
    text = data[8 + width : 8 + width + length].decode("utf-8" if data[6] >= 3 else "latin-1", "replace")
    try:
        fields: object = ast.literal_eval(re.sub(r"\b(\d+)L\b", r"\1", text.strip()))  # Python 2 wrote 3L
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise Unreadable(f"has an array {name[:100]!r} whose header is broken") from error
    told = cast("dict[str, object]", fields) if isinstance(fields, dict) else {}
    shape, kind = told.get("shape"), told.get("descr")
    extents = cast("tuple[object, ...]", shape) if isinstance(shape, tuple) else (None,)
    known = tuple(each for each in extents if isinstance(each, int) and 0 <= each < 1 << 63)
    if len(known) != len(extents) or len(known) > RANK_LIMIT or not isinstance(kind, str | list):
        raise Unreadable(f"has an array {name[:100]!r} whose header names no shape and type")
    described: object = cast("object", kind)
    return Tensor(name, str(described)[:200], known), 8 + width + length, _item_size(described)


def _item_size(kind: object) -> int | None:
    match = _ITEM.fullmatch(kind) if isinstance(kind, str) else None
    if match is None or match[1] == "O":
        return None
    return int(match[2] or 1) * (4 if match[1] == "U" else 1)

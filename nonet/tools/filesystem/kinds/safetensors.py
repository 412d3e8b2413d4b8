"""safetensors: the tensors of a checkpoint by its JSON header; not one weight is read.

Source of the format: https://github.com/huggingface/safetensors (eight bytes of length, JSON, the tensors without
gaps).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, cast

from nonet.tools.filesystem.kinds.described import Described, Values, magnitude, most, shortened
from nonet.tools.filesystem.kinds.tensors import RANK_LIMIT, Tensor, groups, summary
from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "safetensors checkpoint"
HEADER_LIMIT = 100_000_000
"""Bytes of a header that the format allows."""
PARSED_LIMIT = 32_000_000
"""Bytes of a header that are parsed: as JSON in memory it is ten times as long."""
_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
    "C64": 64,
}  # fmt: skip


def is_safetensors(head: bytes, size: int) -> bool:
    """Whether a file begins like one: a length that fits, and the brace that must follow it."""
    return len(head) > 9 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= min(HEADER_LIMIT, size - 8)


def safetensors(source: Source) -> Described:
    """Describe a checkpoint.

    Raises:
        Unreadable: the header is broken, or does not fit the file.
    """
    length = int.from_bytes(source.at(0, 8), "little")
    if not 1 < length <= min(HEADER_LIMIT, source.size - 8):
        raise Unreadable(f"names a header of {length:,} bytes, which cannot be", 0)
    if length > PARSED_LIMIT:
        raise Unreadable(f"has a header of {length:,} bytes; no more than {PARSED_LIMIT:,} are parsed", 0)
    header = _header(source.at(8, length))
    metadata = header.pop("__metadata__", {})
    tensors = [_tensor(name, entry) for name, entry in header.items()]
    notes = _misplaced(header, source.size - 8 - length)
    values: dict[str, Any] = cast("dict[str, Any]", metadata) if isinstance(metadata, dict) else {}
    kept: Values = {shortened(name, 100): shortened(str(value)) for name, value in list(values.items())[:64]}
    facts = summary(tensors)
    facts |= {"format": "safetensors", "values": kept, "valid": not notes}
    lines = [
        f"safetensors, {len(tensors):,} tensors, {magnitude(sum(tensor.count for tensor in tensors))} parameters.",
        "By type: " + ", ".join(f"{kind} {count:,}" for kind, count in most(_types(tensors)).items()) + ".",
        *(f"  {name} = {value}" for name, value in kept.items()),
        *groups(tensors),
    ]
    return Described(KIND, lines, facts, notes=notes)


def _types(tensors: list[Tensor]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for tensor in tensors:
        counts[tensor.kind] += tensor.count
    return counts


def _header(data: bytes) -> dict[str, Any]:
    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) < len(pairs):
            raise Unreadable("names a tensor twice in its header")
        return found

    try:
        header: object = json.loads(data, object_pairs_hook=fields)
    except (ValueError, RecursionError) as error:
        raise Unreadable("has a header that is not valid JSON") from error
    if not isinstance(header, dict):
        raise Unreadable("has a header that is no mapping")
    return cast("dict[str, Any]", header)


def _tensor(name: str, entry: object) -> Tensor:
    fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    kind, shape = fields.get("dtype"), _naturals(fields.get("shape"))
    offsets = _naturals(fields.get("data_offsets"))
    if not isinstance(kind, str) or shape is None or offsets is None or len(offsets) != 2 or len(shape) > RANK_LIMIT:
        raise Unreadable(
            f"describes the tensor {shortened(name, 100)!r} by something else than dtype, shape and offsets"
        )
    return Tensor(shortened(name), kind, tuple(shape))


def _naturals(value: object) -> list[int] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    found = [item for item in items if isinstance(item, int) and not isinstance(item, bool) and 0 <= item < 1 << 63]
    return found if len(found) == len(items) else None


def _misplaced(header: dict[str, Any], size: int) -> list[str]:
    """Say where tensors overlap, leave gaps, lie beyond the file or have not the bytes that their shape needs."""
    place = 0
    for name, entry in sorted(header.items(), key=lambda pair: tuple(pair[1]["data_offsets"])):
        begin, end = entry["data_offsets"]
        short = shortened(name, 100)
        if begin != place or end < begin:
            return [f"It is broken: the tensor {short!r} lies at {begin:,}, where {place:,} is expected."]
        bits = _BITS.get(entry["dtype"])
        if bits is not None and (end - begin) * 8 != math.prod(entry["shape"]) * bits:
            return [f"It is broken: the tensor {short!r} has {end - begin:,} bytes, not those that its shape needs."]
        place = end
    if place != size:
        return [f"It is broken: its tensors take {place:,} bytes, the file holds {size:,}. It may be half a download."]
    return []

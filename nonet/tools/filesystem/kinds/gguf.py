"""GGUF: the architecture, metadata and tensors of a llama.cpp model by its header.

Source of the format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from nonet.state import Scalar
from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.cursor import Cursor
from nonet.tools.filesystem.kinds.described import Described, Values, magnitude, scalar, shortened, shown
from nonet.tools.filesystem.kinds.tensors import Tensor, groups, summary
from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "GGUF model"
MAGIC = b"GGUF"
PAIR_LIMIT = 10_000
TENSOR_LIMIT = 100_000
ELEMENT_LIMIT = 4_000_000
"""Elements of arrays in the metadata, all together; a vocabulary has a quarter of a million."""
_KEPT_VALUES = 200
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 10: "Q", 11: "q"}
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_TEXT, _ARRAY = 8, 9
_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K",
    12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
    20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
    29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}  # fmt: skip


def is_gguf(head: bytes) -> bool:
    """Whether a file begins like one: the magic, then a version in either byte order."""
    return head[:4] == MAGIC and any(0 < int.from_bytes(head[4:8], order) <= 16 for order in ("little", "big"))


@dataclass
class _Reader:
    """Reads the header in the byte order that its version number tells."""

    cursor: Cursor
    order: str = "<"
    version: int = 0
    elements: int = 0

    def number(self, form: str) -> int:
        return self.cursor.number(self.order + form)

    def length(self) -> int:
        """A length: of 32 bits in version 1, of 64 bits since."""
        return self.number("I" if self.version == 1 else "Q")

    def text(self) -> str:
        length = self.length()
        kept = self.cursor.take(min(length, 4096, self.cursor.left))
        self.cursor.skip(length - len(kept))
        return kept.decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> object:
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind == 7:
            return bool(self.number("B"))
        if kind in (6, 12):
            return self.cursor.real(self.order + ("f" if kind == 6 else "d"))
        if kind == _TEXT:
            return self.text()
        if kind == _ARRAY and depth < 4:
            return self.array(depth + 1)
        raise Unreadable(f"has a value of type {kind}", self.cursor.position)

    def array(self, depth: int) -> str:
        """Pass over an array; return what it holds in a few words."""
        kind, length = self.number("I"), self.length()
        first = ""
        if kind in _WIDTHS:
            place = self.cursor.position
            self.cursor.skip(length * _WIDTHS[kind])
            after, self.cursor.position = self.cursor.position, place
            first = ", ".join(f"{self.value(kind)}" for _ in range(min(length, 8)))
            self.cursor.position = after
            return f"{length:,} values: {first}" + (", …" if length > 8 else "")
        self.elements += length
        if self.elements > ELEMENT_LIMIT:
            raise Unreadable(f"holds more than {ELEMENT_LIMIT:,} values in its metadata", self.cursor.position)
        for index in range(length):
            each = self.value(kind, depth)
            if index < 4:
                first += (", " if first else "") + shortened(str(each), 40)
        return f"{length:,} values: {first}" + (", …" if length > 4 else "")


def gguf(source: Source) -> Described:
    """Describe a model, as far as its header can be read.

    Raises:
        Unreadable: not even its version and counts can be read.
    """
    reader = _Reader(Cursor(source, len(MAGIC)))
    version = reader.cursor.take(4)
    if 0 < int.from_bytes(version, "big") < 1 << 16:
        reader.order = ">"
    reader.version = int.from_bytes(version, "little" if reader.order == "<" else "big")
    if not 1 <= reader.version <= 16:
        raise Unreadable(f"is GGUF of version {reader.version}, which is not known", 4)
    tensor_count, pair_count = reader.length(), reader.length()
    values: Values = {}
    tensors: list[Tensor] = []
    notes: list[str] = []
    try:
        if pair_count > PAIR_LIMIT or tensor_count > TENSOR_LIMIT:
            raise Unreadable(f"claims {tensor_count:,} tensors and {pair_count:,} metadata values")
        for _ in range(pair_count):
            name = shortened(reader.text(), 100)
            value = scalar(reader.value(reader.number("I")))
            if len(values) < _KEPT_VALUES:
                values[name] = value
        tensors += (_tensor(reader) for _ in range(tensor_count))
    except Unreadable as error:
        notes.append(f"It {error.reason}; what came before is described.")
    return _described(reader.version, values, tensors, notes)


def _tensor(reader: _Reader) -> Tensor:
    name, rank = reader.text(), reader.number("I")
    if rank > 8:
        raise Unreadable(f"has a tensor of {rank} dimensions", reader.cursor.position)
    shape = tuple(reader.length() for _ in range(rank))
    kind = reader.number("I")
    reader.number("Q")  # where its weights lie
    return Tensor(shortened(name), _TYPES.get(kind, f"type {kind}"), shape)


def _described(version: int, values: Values, tensors: list[Tensor], notes: list[str]) -> Described:
    architecture = str(values.get("general.architecture", ""))
    facts: Facts = summary(tensors)
    facts |= {"format": f"GGUF {version}", "architecture": architecture, "values": values}
    facts["context_length"] = _known(values, f"{architecture}.context_length")
    facts["quantised"] = any(tensor.kind.startswith(("Q", "IQ", "TQ", "MXFP", "I8")) for tensor in tensors)
    by_type = facts["parameters_by_type"]
    types = ", ".join(f"{kind} {count:,}" for kind, count in by_type.items()) if isinstance(by_type, dict) else ""
    lines = [
        f"GGUF version {version}, architecture {architecture or 'not given'}, {len(tensors):,} tensors, "
        f"{magnitude(sum(tensor.count for tensor in tensors))} parameters.",
        f"By type: {types or 'none'}.",
        *shown(values),
        *groups(tensors),
    ]
    return Described(KIND, lines, facts, notes=notes)


def _known(values: Values, name: str) -> Scalar:
    value = values.get(name)
    return value if isinstance(value, int) else None

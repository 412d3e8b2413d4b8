"""PyTorch checkpoints: their tensors by name, and what they hold beside, by the opcodes of their pickle alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.archive import Archive
from nonet.tools.filesystem.kinds.described import Described
from nonet.tools.filesystem.kinds.outline import naturals, walk
from nonet.tools.filesystem.kinds.pickle_machine import build
from nonet.tools.filesystem.kinds.pickled import described, summary_line
from nonet.tools.filesystem.kinds.stream import Stream, stream
from nonet.tools.filesystem.kinds.symbols import Built, Made, Name, Persistent
from nonet.tools.filesystem.kinds.tensors import Tensor, groups, summary
from nonet.tools.filesystem.open_file import Memory, Source
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "PyTorch checkpoint"
_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
"""How a file of ``torch.save`` before 1.6 begins: a pickle of its magic number."""
_REBUILDERS = ("_rebuild_tensor_v2", "_rebuild_tensor", "_rebuild_qtensor", "_rebuild_sparse_tensor")
_TYPES = {
    "FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "QInt8Storage": "qint8", "QUInt8Storage": "quint8",
    "QInt32Storage": "qint32", "ComplexFloatStorage": "complex64", "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "bytes",
}  # fmt: skip


def pytorch(archive: Archive, member: str) -> Described:
    """Describe a checkpoint of the ZIP format.

    Args:
        archive: the file.
        member: name of its ``data.pkl``.

    Raises:
        Unreadable: its pickle cannot be read at all.
    """
    folder = member.rpartition("/")[0]
    built, notes = _built(stream(Memory(archive.member(member))))
    script = any(name.startswith(f"{folder}/code/") for name in archive.sizes)
    if script:
        notes.append("It is TorchScript: it holds code beside its weights.")
    return _described(built, notes, "TorchScript" if script else "PyTorch ZIP")


def legacy(source: Source) -> Described:
    """Describe a checkpoint of the format before PyTorch 1.6: five pickles, then the storages.

    Raises:
        Unreadable: its pickles cannot be read at all.
    """
    reader = stream(source)
    if build(reader).value != _MAGIC:
        raise Unreadable("is no checkpoint of PyTorch")
    for _ in range(2):  # the version of the protocol, and what the machine was
        build(reader)
    built, notes = _built(reader)
    notes.append("It has the format of PyTorch before 1.6.")
    return _described(built, notes, "PyTorch legacy")


def _built(reader: Stream) -> tuple[Built, list[str]]:
    built = Built()
    try:
        build(reader, built)
    except Unreadable as error:
        if built.opcodes < 3:
            raise
        return built, [f"It {error.reason}; what came before is described."]
    return built, []


def _described(built: Built, notes: list[str], form: str) -> Described:
    found = list(_tensors(built.value))
    facts: Facts = summary(found)
    module = isinstance(built.value, Made) and not built.value.is_of("collections.OrderedDict")
    if module and form != "TorchScript":
        notes = [
            *notes,
            "It holds a pickled module, not a state_dict: loading it needs its classes and runs their code.",
        ]
    told = described(KIND, form, built, notes, facts=facts)
    count = sum(tensor.count for tensor in found)
    return Described(KIND, [summary_line(count, len(found)), *groups(found), *told.lines], told.facts, notes=told.notes)


def _tensors(value: object) -> Iterator[Tensor]:
    """Yield the tensors that a pickle would rebuild, with the dotted names under which it keeps them."""
    inner: set[int] = set()
    for name, each in walk(value):
        if not isinstance(each, Made) or not isinstance(each.of, Name) or id(each) in inner:
            continue
        if each.of.module != "torch._utils":
            continue
        made = each
        if each.of.name.startswith("_rebuild_parameter") and isinstance(each.arguments, tuple):
            wrapped = cast("tuple[object, ...]", each.arguments)
            if wrapped and isinstance(wrapped[0], Made):
                made = wrapped[0]
                inner.add(id(made))
        tensor = _tensor(name, made)
        if tensor is not None:
            yield tensor


def _tensor(name: str, made: Made) -> Tensor | None:
    if not isinstance(made.of, Name) or made.of.name not in _REBUILDERS or not isinstance(made.arguments, tuple):
        return None
    arguments = cast("tuple[object, ...]", made.arguments)
    if len(arguments) < 3 or not isinstance(arguments[0], Persistent):
        return None
    identity = arguments[0].identity
    parts = cast("tuple[object, ...]", identity) if isinstance(identity, tuple) else ()
    storage = parts[1] if len(parts) > 1 else None
    kind = _TYPES.get(storage.name, storage.name) if isinstance(storage, Name) else "of unknown type"
    return Tensor(name, kind, naturals(arguments[2]))

"""Which kind a file is: by what it holds first, by its name second."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from nonet.errors import ToolError
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.kinds.described import Described
from nonet.tools.filesystem.kinds.magic import looks_like
from nonet.tools.filesystem.open_file import OpenFile
from nonet.tools.filesystem.unreadable import Unreadable

HEAD = 8192
_POINT = re.compile(r"\d{10,16} \S+( \d+)?\n")


def describe(file: OpenFile, limit: int) -> Sequence[Described]:
    """Describe a binary file that is a model, a checkpoint or a log; nothing if it may be text.

    Args:
        file: the file.
        limit: bytes that may be read of a file that is read whole.

    Raises:
        ToolError: it is one, but broken.
    """
    head = file.at(0, HEAD)
    try:
        return _signed(file, head, limit) or _unsigned(file, head)
    except Unreadable as error:
        raise ToolError(
            f"{file.name!r} {error.reason}.", "It may be cut short or damaged: make or copy it anew."
        ) from error


def kind(head: bytes, name: str) -> str:
    """Return what a file seems to be by its first bytes and its name, in words; "" for text."""
    from nonet.tools.filesystem.kinds import gguf, numpy_array, onnx, pickled, safetensors, tensorboard

    suffix = name.lower().rpartition(".")[2]
    in_zip = {"keras": "Keras model", "npz": "NumPy arrays", "pt": "PyTorch checkpoint", "pth": "PyTorch checkpoint"}
    kinds = (
        (gguf.is_gguf(head), gguf.KIND),
        (tensorboard.is_events(head), "TensorBoard log"),
        (head.startswith(numpy_array.MAGIC), numpy_array.KIND),
        (suffix == "safetensors" and safetensors.is_safetensors(head, 1 << 62), safetensors.KIND),
        (suffix == "onnx" and onnx.may_be_onnx(head), onnx.KIND),
        (head.startswith(b"PK") and suffix in in_zip, in_zip.get(suffix, "")),
        (pickled.is_pickle(head), pickled.KIND),
        (is_binary(head), looks_like(head) or "binary"),
    )
    return next((name for matches, name in kinds if matches), "")


def is_binary(head: bytes) -> bool:
    """Whether a file is no text by its first bytes: it has a NUL, or is not UTF-8 and has control characters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False  # UTF-16, of which the reader says so
    if b"\0" in head:
        return True
    try:
        head[:-4].decode("utf-8-sig")  # the last character may be cut
    except UnicodeDecodeError as error:
        cut = error.start >= len(head) - 8
        return not cut and (bool(looks_like(head)) or any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head))
    return False


def refusal(name: str, head: bytes, size: int) -> ToolError:
    """Say that a file is binary, what it looks like and how long it is."""
    seems = looks_like(head)
    return ToolError(
        f"{name!r} is binary" + (f", {seems}" if seems else "") + f", {size:,} bytes.",
        "read_file reads text, and describes configurations, training logs, models and checkpoints.",
    )


def describe_text(name: str, text: str) -> Described | None:
    """Describe a text that is a configuration or a training log; ``None`` if it is neither."""
    from nonet.tools.filesystem.kinds import configuration, records

    suffix = name.lower().rpartition(".")[2]
    if suffix in ("csv", "tsv"):
        return records.from_csv(text)
    if suffix in ("jsonl", "ndjson"):
        return records.from_json_lines(text)
    if "/metrics/" in name and _POINT.match(text):
        return records.from_points(text, name.rpartition("/metrics/")[2])
    form = configuration.form(name, text)
    if form:
        return configuration.configuration(text, form)
    if suffix in ("log", "txt") or "." not in name.rpartition("/")[2]:
        return records.from_json_lines(text) if text.lstrip().startswith("{") else None
    return None


def _signed(file: OpenFile, head: bytes, limit: int) -> Sequence[Described]:
    """Describe a file of a format that has a signature."""
    from nonet.tools.filesystem.kinds import (
        archive,
        gguf,
        numpy_array,
        pickled,
        pytorch,
        safetensors,
        stream,
        tensorboard,
    )

    compression = stream.compression(head)
    readers: tuple[tuple[bool, Callable[[], Sequence[Described]]], ...] = (
        (gguf.is_gguf(head), lambda: [gguf.gguf(file)]),
        (head.startswith(numpy_array.MAGIC), lambda: [numpy_array.npy(file)]),
        (safetensors.is_safetensors(head, file.size), lambda: [safetensors.safetensors(file)]),
        (tensorboard.is_events(head), lambda: [tensorboard.tensorboard(file, limit)]),
        (head.startswith(pytorch.LEGACY), lambda: [pytorch.legacy(file)]),
        (pickled.is_pickle(head), lambda: [pickled.pickled(file)]),
        (head.startswith(b"SQLite format 3\0"), lambda: _database(file, limit)),
        (archive.is_zip(head), lambda: _archive(file)),
        (
            compression != "" and stream.unfolds_to_pickle(file, compression),
            lambda: [pickled.pickled(file, compression)],
        ),
    )
    return next((read() for matches, read in readers if matches), ())


def _archive(file: OpenFile) -> Sequence[Described]:
    from nonet.tools.filesystem.kinds import archive, keras, numpy_array, pytorch

    with archive.opened(file) as opened:
        member = opened.ending("/data.pkl") or ("data.pkl" if "data.pkl" in opened.sizes else None)
        if member is not None:
            return [pytorch.pytorch(opened, member)]
        if all(name in opened.sizes for name in keras.MEMBERS):
            return [keras.keras(opened)]
        if opened.sizes and all(name.endswith(".npy") for name in opened.sizes):
            return [numpy_array.npz(opened)]
    return ()


def _database(file: OpenFile, limit: int) -> Sequence[Described]:
    from nonet.tools.filesystem.kinds.mlflow_database import mlflow_runs

    return mlflow_runs(beneath.content(file.descriptor, file.name, limit))


def _unsigned(file: OpenFile, head: bytes) -> Sequence[Described]:
    """Describe a file of a format without a signature, or of one that its name says and its signature does not."""
    from nonet.tools.filesystem.kinds import onnx, pickled, safetensors

    suffix = file.name.lower().rpartition(".")[2]
    if suffix == "safetensors" and not head.startswith(b"version https://git-lfs"):
        return [safetensors.safetensors(file)]
    if onnx.may_be_onnx(head):
        try:
            return [onnx.onnx(file)]
        except Unreadable:
            if suffix == "onnx":
                raise
    if suffix in ("pkl", "pickle", "joblib") and head[:1] in (b"(", b"c", b"]", b"}", b"i"):
        try:
            return [pickled.pickled(file)]
        except Unreadable:
            return ()
    return ()

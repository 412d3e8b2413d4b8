"""Which kind a file is: by what it holds first, by its name second."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    if gguf.is_gguf(head):
        return gguf.KIND
    if tensorboard.is_events(head):
        return "TensorBoard log"
    if head.startswith(numpy_array.MAGIC):
        return numpy_array.KIND
    if suffix == "safetensors" and safetensors.is_safetensors(head, 1 << 62):
        return safetensors.KIND
    if suffix == "onnx" and onnx.may_be_onnx(head):
        return onnx.KIND
    by_name = {"keras": "Keras model", "npz": "NumPy arrays", "pt": "PyTorch checkpoint", "pth": "PyTorch checkpoint"}
    if head.startswith(b"PK") and suffix in (*by_name, "ckpt", "bin"):
        return by_name.get(suffix, "PyTorch checkpoint")
    if pickled.is_pickle(head):
        return pickled.KIND
    return looks_like(head) or ("binary" if b"\0" in head else "")


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
    from nonet.tools.filesystem.kinds import gguf, numpy_array, pickled, pytorch, safetensors, stream, tensorboard

    if gguf.is_gguf(head):
        return [gguf.gguf(file)]
    if head.startswith(numpy_array.MAGIC):
        return [numpy_array.npy(file)]
    if safetensors.is_safetensors(head, file.size):
        return [safetensors.safetensors(file)]
    if tensorboard.is_events(head):
        return [tensorboard.tensorboard(file, limit)]
    if head.startswith(pytorch.LEGACY):
        return [pytorch.legacy(file)]
    if pickled.is_pickle(head):
        return [pickled.pickled(file)]
    if head.startswith(b"SQLite format 3\0"):
        return _database(file, limit)
    compression = stream.compression(head)
    if compression and stream.unfolds_to_pickle(file, compression):
        return [pickled.pickled(file, compression)]
    return _archive(file, head)


def _archive(file: OpenFile, head: bytes) -> Sequence[Described]:
    from nonet.tools.filesystem.kinds import archive, keras, numpy_array, pytorch

    if not archive.is_zip(head):
        return ()
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

"""TensorBoard event files: their scalars as series, hyperparameters as values; pictures and histograms are counted.

Field numbers are those of tensorflow/core/util/event.proto, framework/summary.proto, framework/tensor.proto and
tensorboard/plugins/hparams/plugin_data.proto. Neither TensorFlow nor TensorBoard is needed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from nonet.state import Scalar
from nonet.tools.filesystem.kinds.described import Described, Values, flat, scalar, shortened
from nonet.tools.filesystem.kinds.protobuf import Span, message
from nonet.tools.filesystem.kinds.series import Series
from nonet.tools.filesystem.kinds.tfrecord import is_tfrecord, records
from nonet.tools.filesystem.kinds.training_log import training_log
from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

POINT_LIMIT = 500_000
TAG_LIMIT = 1_000
_TENSOR_FORMS = {1: "<f", 2: "<d", 3: "<i", 4: "<B", 5: "<h", 6: "<b", 9: "<q", 10: "<?", 14: "bf16", 19: "<e"}
_SCALARS, _HYPERPARAMETERS = "scalars", "hparams"


@dataclass
class _Log:
    points: dict[str, dict[int, float]] = field(default_factory=dict[str, dict[int, float]])
    plugins: dict[str, str] = field(default_factory=dict[str, str])
    others: dict[str, int] = field(default_factory=dict[str, int])
    values: Values = field(default_factory=dict[str, Scalar])
    events: int = 0
    count: int = 0
    started: float | None = None
    ended: float | None = None


def is_events(head: bytes) -> bool:
    """Whether a file begins like one of TensorBoard: a record whose event names the version of its format."""
    length = int.from_bytes(head[:8], "little") if is_tfrecord(head) else 0
    return b"brain.Event:" in head[12 : 12 + length]


def tensorboard(source: Source, limit: int) -> Described:
    """Describe an event file, as far as it can be read.

    Args:
        source: the file.
        limit: bytes to read at most.
    """
    log, notes = _Log(), list[str]()
    try:
        for record in records(source, limit):
            log.events += 1
            if record is None:
                log.others["large"] = log.others.get("large", 0) + 1
            else:
                _event(record, log)
            if log.count >= POINT_LIMIT:
                notes.append(f"Only the first {POINT_LIMIT:,} points were read.")
                break
    except Unreadable as error:
        notes.append(f"It {error.reason}; what came before is described.")
    series = [Series(tag, sorted(points), [points[step] for step in sorted(points)]) for tag, points in _scalars(log)]
    described = training_log([each for each in series if each.values], "TensorBoard", log.values, notes)
    described.facts["events"] = log.events
    if log.started is not None and log.ended is not None:
        described.facts["seconds"] = scalar(log.ended - log.started)
    if log.others:
        described.facts["other_summaries"] = dict(sorted(log.others.items()))
    return described


def _scalars(log: _Log) -> Iterator[tuple[str, dict[int, float]]]:
    return ((tag, points) for tag, points in log.points.items() if log.plugins.get(tag, _SCALARS) == _SCALARS)


def _event(record: bytes, log: _Log) -> None:
    step, summaries, time = 0, list[Span](), None
    for each in message(record):
        if each.number == 1:
            time = each.real()
        elif each.number == 2:
            step = each.integer()
        elif each.number == 5:
            summaries.append(each.span())
    if time is not None:
        log.started = time if log.started is None else min(log.started, time)
        log.ended = time if log.ended is None else max(log.ended, time)
    for summary in summaries:
        for each in summary.fields():
            if each.number == 1:
                _value(each.span(), step, log)


def _value(value: Span, step: int, log: _Log) -> None:
    tag, simple, tensor, other = "", None, None, ""
    for each in value.fields():
        if each.number == 1:
            tag = shortened(each.text())
        elif each.number == 2:
            simple = each.real()
        elif each.number == 8:
            tensor = each.span()
        elif each.number == 9:
            _metadata(each.span(), tag, log)
        elif each.number in (4, 5, 6):
            other = {4: "images", 5: "histograms", 6: "audio"}[each.number]
    plugin = log.plugins.get(tag, "")
    if simple is None and tensor is not None and plugin in ("", _SCALARS):
        simple = _tensor(tensor)
    if simple is not None and (tag in log.points or len(log.points) < TAG_LIMIT):
        points = log.points.setdefault(tag, {})
        log.count += step not in points
        points[step] = simple  # what a resumed run writes again counts
    elif other or (plugin and plugin not in (_SCALARS, _HYPERPARAMETERS)):
        name = other or shortened(plugin, 40)
        if name in log.others or len(log.others) < 32:
            log.others[name] = log.others.get(name, 0) + 1


def _metadata(metadata: Span, tag: str, log: _Log) -> None:
    for each in metadata.fields():
        if each.number != 1:
            continue
        parts = {field.number: field for field in each.span().fields()}
        plugin = parts[1].text() if 1 in parts else ""
        if len(log.plugins) < TAG_LIMIT:
            log.plugins[tag] = plugin
        if plugin == _HYPERPARAMETERS and 2 in parts:
            log.values |= _hyperparameters(parts[2].span())


def _hyperparameters(content: Span) -> Values:
    """Return the values that a session began with: a map of names to ``google.protobuf.Value``."""
    found: dict[str, object] = {}
    for start in (each.span() for each in content.fields() if each.number == 3):
        for entry in (each.span() for each in start.fields() if each.number == 1):
            name, value = "", None
            for part in entry.fields():
                if part.number == 1:
                    name = part.text()
                elif part.number == 2:
                    value = _plain_value(part.span())
            found[name] = value
    return {name: scalar(value) for name, value in flat(found)[0].items()}


def _plain_value(value: Span) -> bool | float | str | None:
    for each in value.fields():
        if each.number == 2:
            number = each.real()
            return int(number) if number.is_integer() and abs(number) < 1 << 53 else number
        if each.number == 3:
            return each.text()
        if each.number == 4:
            return bool(each.integer())
    return None


def _tensor(tensor: Span) -> float | None:
    """Return the one value of a tensor of rank 0, or of one element; ``None`` for any other."""
    kind, content, listed = 0, b"", list[float]()
    for each in tensor.fields():
        if each.number == 1:
            kind = each.integer()
        elif each.number == 2 and any(_extent(dim.span()) != 1 for dim in each.span().fields() if dim.number == 2):
            return None
        elif each.number == 4:
            content = each.span().data(16)
        elif each.number in (5, 6):
            width, form = (4, "<f") if each.number == 5 else (8, "<d")
            data = each.span().data(width) if isinstance(each.value, Span) else each.value
            listed += [struct.unpack(form, data)[0]] if isinstance(data, bytes) and len(data) == width else []
        elif each.number in (7, 10, 11):
            listed += [float(value) for value in each.integers(1)]
        elif each.number == 13:
            listed += [_half(value, kind) for value in each.integers(1)]
    form = _TENSOR_FORMS.get(kind)
    if form == "bf16" and len(content) == 2:
        return _half(int.from_bytes(content, "little"), kind)
    if content and form not in (None, "bf16") and struct.calcsize(form) == len(content):
        return float(struct.unpack(form, content)[0])
    return listed[0] if len(listed) == 1 else None


def _half(bits: int, kind: int) -> float:
    """Return a 16-bit float by its bits: bfloat16 (kind 14) or IEEE half."""
    data = (bits & 0xFFFF).to_bytes(2, "little")
    return float(struct.unpack("<f", b"\0\0" + data)[0] if kind == 14 else struct.unpack("<e", data)[0])


def _extent(dim: Span) -> int:
    return next((each.integer() for each in dim.fields() if each.number == 1), 0)

"""ONNX models: what goes in and out, operators, parameters. Weights are passed over, external ones never opened.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.described import Described, magnitude, most, shortened
from nonet.tools.filesystem.kinds.protobuf import Field, Span, fields
from nonet.tools.filesystem.open_file import Source
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "ONNX model"
FIELD_LIMIT = 2_000_000
_DEPTH_LIMIT = 16
_TYPES = [
    "undefined",
    "float32",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "int32",
    "int64",
    "string",
    "bool",
    "float16",
    "float64",
    "uint32",
    "uint64",
    "complex64",
    "complex128",
    "bfloat16",
    "float8e4m3fn",
    "float8e4m3fnuz",
    "float8e5m2",
    "float8e5m2fnuz",
    "uint4",
    "int4",
    "float4e2m1",
    "float8e8m0",
    "uint2",
    "int2",
]
_QUANTISED = ("QuantizeLinear", "DequantizeLinear", "QLinear", "QGemm", "QAttention", "MatMulInteger", "ConvInteger")
_QUANTISED_TOO = ("DynamicQuantize", "MatMulNBits", "GatherBlockQuantized", "MatMulBnb4", "QMoE")


@dataclass
class _Model:
    texts: dict[int, str] = field(default_factory=dict[int, str])
    ir: int = 0
    opsets: list[str] = field(default_factory=list[str])
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    graph: Span | None = None
    functions: int = 0
    inputs: dict[str, str] = field(default_factory=dict[str, str])
    outputs: dict[str, str] = field(default_factory=dict[str, str])
    operators: Counter[str] = field(default_factory=Counter[str])
    types: Counter[str] = field(default_factory=Counter[str])
    initializers: set[str] = field(default_factory=set[str])
    parameters: int = 0
    external: set[str] = field(default_factory=set[str])
    seen: int = 0

    def count(self, each: Iterable[Field]) -> Iterator[Field]:
        """Pass fields on, up to the limit."""
        for one in each:
            self.seen += 1
            if self.seen > FIELD_LIMIT:
                raise Unreadable(f"has more than {FIELD_LIMIT:,} fields")
            yield one


def may_be_onnx(head: bytes) -> bool:
    """Whether a file may begin a ``ModelProto``: the version of its form, then another field of it.

    A protobuf has no signature; ``onnx`` tells for certain.
    """
    return len(head) > 3 and head[0] == 0x08 and 0 < head[1] < 64 and head[2] in b"\x12\x1a\x22\x28\x32\x3a\x42\x72"


def onnx(source: Source) -> Described:
    """Describe a model.

    Raises:
        Unreadable: it is none, or ends too early.
    """
    model = _Model()
    for each in model.count(fields(source, 0, source.size)):
        _top(each, model)
    if model.graph is None or not model.ir:
        raise Unreadable("holds no graph of ONNX")
    _graph(model.graph, model, 0)
    model.inputs = {name: kind for name, kind in model.inputs.items() if name not in model.initializers}
    return Described(KIND, _lines(model), _facts(model), notes=_notes(model))


def _top(each: Field, model: _Model) -> None:
    if each.number == 1:
        model.ir = each.integer()
    elif each.number in (2, 3, 4):
        model.texts[each.number] = shortened(each.text())
    elif each.number == 5:
        model.texts[5] = str(each.integer())
    elif each.number == 7:
        model.graph = each.span()
    elif each.number == 8:
        parts = {part.number: part for part in each.span().fields()}
        domain = parts[1].text() if 1 in parts else ""
        version = parts[2].integer() if 2 in parts else 0
        model.opsets.append(shortened(f"{domain or 'ai.onnx'} {version}", 100))
    elif each.number == 14 and len(model.metadata) < 32:
        name, value = _pair(each.span())
        model.metadata[name] = value
    elif each.number == 25:
        model.functions += 1


def _graph(graph: Span, model: _Model, depth: int) -> None:
    if depth > _DEPTH_LIMIT:
        raise Unreadable(f"nests graphs more than {_DEPTH_LIMIT} levels deep")
    for each in model.count(graph.fields()):
        if each.number == 1:
            _node(each.span(), model, depth)
        elif each.number == 5:
            _tensor(each.span(), model)
        elif each.number in (11, 12) and depth == 0:
            name, kind = _value_info(each.span())
            (model.inputs if each.number == 11 else model.outputs)[name] = kind


def _node(node: Span, model: _Model, depth: int) -> None:
    operator, domain = "", ""
    for each in model.count(node.fields()):
        if each.number == 4:
            operator = each.text()
        elif each.number == 7:
            domain = each.text()
        elif each.number == 5:
            for part in model.count(each.span().fields()):
                if part.number in (6, 11):
                    _graph(part.span(), model, depth + 1)
                elif part.number in (5, 10) and len(part.span()) > 64:
                    _tensor(part.span(), model)  # a Constant that may hold weights
    name = shortened(operator if domain in ("", "ai.onnx") else f"{domain}.{operator}", 100)
    if name in model.operators or len(model.operators) < 1000:
        model.operators[name] += 1


def _tensor(tensor: Span, model: _Model) -> None:
    count, kind = 1, "undefined"
    for each in model.count(tensor.fields()):
        if each.number == 1:
            for extent in each.integers():
                count *= max(0, min(extent, 1 << 40))
        elif each.number == 2:
            kind = _type(each.integer())
        elif each.number == 8:
            model.initializers.add(each.text())
        elif each.number == 13:
            name, value = _pair(each.span())
            if name == "location" and len(model.external) < 32:
                model.external.add(value)
    model.parameters += min(count, 1 << 60)
    model.types[kind] += min(count, 1 << 60)


def _value_info(value: Span) -> tuple[str, str]:
    """Return the name of an input or output, and its type and shape: ``float32 [batch, 3, 224, 224]``."""
    name, kind = "", "undefined"
    for each in value.fields():
        if each.number == 1:
            name = shortened(each.text(), 100)
        elif each.number == 2:
            for form in each.span().fields():
                kind = {4: "sequence", 5: "map", 9: "optional"}.get(form.number, kind)
                if form.number in (1, 8):
                    kind = _tensor_type(form.span())
    return name, kind


def _tensor_type(form: Span) -> str:
    kind, shape = "undefined", "of any shape"
    for each in form.fields():
        if each.number == 1:
            kind = _type(each.integer())
        elif each.number == 2:
            extents = [_extent(dim.span()) for dim in each.span().fields() if dim.number == 1]
            shape = f"[{', '.join(extents[:16])}]"
    return f"{kind} {shape}"


def _extent(dim: Span) -> str:
    for each in dim.fields():
        if each.number == 1:
            return str(each.integer())
        if each.number == 2:
            return shortened(each.text(), 40)
    return "?"


def _pair(entry: Span) -> tuple[str, str]:
    parts = {part.number: part for part in entry.fields()}
    name = parts[1].text() if 1 in parts else ""
    return shortened(name, 100), shortened(parts[2].text() if 2 in parts else "")


def _type(number: int) -> str:
    return _TYPES[number] if 0 <= number < len(_TYPES) else f"type {number}"


def _facts(model: _Model) -> Facts:
    quantised = any(name.rpartition(".")[2].startswith((*_QUANTISED, *_QUANTISED_TOO)) for name in model.operators)
    return {
        "format": "ONNX",
        "ir_version": model.ir,
        "opsets": model.opsets[:32],
        "producer": f"{model.texts.get(2, '')} {model.texts.get(3, '')}".strip(),
        "parameters": min(model.parameters, (1 << 63) - 1),
        "inputs": dict(list(model.inputs.items())[:32]),
        "outputs": dict(list(model.outputs.items())[:32]),
        "operators": most(model.operators),
        "nodes": model.operators.total(),
        "parameters_by_type": most(model.types),
        "quantised": quantised,
        "external_data": sorted(model.external),
        "values": dict(model.metadata),
    }


def _lines(model: _Model) -> list[str]:
    facts = _facts(model)
    lines = [
        f"ONNX, IR version {model.ir}, operator sets {', '.join(model.opsets[:8]) or 'none'}; "
        f"producer {facts['producer'] or 'not given'}.",
        f"{magnitude(model.parameters)} parameters, {model.operators.total():,} nodes"
        + (", quantised." if facts["quantised"] else "."),
        *(f"  input {name}: {kind}" for name, kind in list(model.inputs.items())[:16]),
        *(f"  output {name}: {kind}" for name, kind in list(model.outputs.items())[:16]),
        "Operators: " + ", ".join(f"{name} {count}" for name, count in most(model.operators, 12).items()) + ".",
        "Parameters by type: " + ", ".join(f"{kind} {count:,}" for kind, count in model.types.most_common(8)) + ".",
    ]
    return lines + [f"  {name} = {value}" for name, value in model.metadata.items()]


def _notes(model: _Model) -> list[str]:
    if not model.external:
        return []
    return [f"Its weights lie in other files, which were not opened: {', '.join(sorted(model.external)[:5])}."]

"""Tensors as JSON, in the form of the Open Inference Protocol, version 2 (KServe, Triton, TorchServe speak it).

An input is ``{"name": …, "shape": […], "datatype": "FP32", "data": […]}`` with the data flat or nested;
outputs likewise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from optimization.serving.errors import ServingError

_TYPES = {
    **{"BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64"},
    **{"INT8": "int8", "INT16": "int16", "INT32": "int32", "INT64": "int64"},
    **{"FP16": "float16", "FP32": "float32", "FP64": "float64", "BYTES": "str"},
}
_NAMES = {name: kind for kind, name in _TYPES.items()}


def request(inputs: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the body of a request for predictions of these inputs."""
    return json.dumps({"inputs": [_written(name, each) for name, each in inputs.items()]}).encode()


def response(model: str, outputs: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the body of an answer.

    Raises:
        ServingError: a number is NaN or infinite, which JSON cannot say.
    """
    try:
        written = [_written(name, np.asarray(each)) for name, each in outputs.items()]
        return json.dumps({"model_name": model, "outputs": written}, allow_nan=False).encode()
    except ValueError as error:
        raise ServingError("the model answers NaN or infinity to these inputs") from error


def inputs(body: bytes) -> dict[str, NDArray[Any]]:
    """Return the inputs of a request by name.

    Raises:
        ServingError: the body is no request.
    """
    return _named(body, "inputs")


def outputs(body: bytes) -> dict[str, NDArray[Any]]:
    """Return the outputs of an answer by name.

    Raises:
        ServingError: the body is no answer.
    """
    return _named(body, "outputs")


def datatype(dtype: str) -> str:
    """Return the protocol's name of numpy's type."""
    return _NAMES.get(dtype, "BYTES" if dtype.startswith(("str", "<U", "object")) else dtype.upper())


def _written(name: str, values: NDArray[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "shape": list(values.shape),
        "datatype": datatype(str(values.dtype)),
        "data": values.reshape(-1).tolist(),
    }


def _named(body: bytes, part: str) -> dict[str, NDArray[Any]]:
    try:
        told: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ServingError("the body is no JSON") from error
    listed = cast("dict[str, object]", told).get(part) if isinstance(told, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ServingError(f'the body needs "{part}": a list of tensors with name, shape, datatype and data')
    return dict(_tensor(each) for each in cast("list[object]", listed))


def _tensor(each: object) -> tuple[str, NDArray[Any]]:
    fields = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
    name, shape, kind = fields.get("name"), fields.get("shape"), _TYPES.get(str(fields.get("datatype")))
    if not isinstance(name, str) or not isinstance(shape, list) or "data" not in fields:
        raise ServingError("a tensor needs name, shape, datatype and data")
    if kind is None:
        raise ServingError(f"the datatype of {name!r} is none of {', '.join(_TYPES)}")
    try:
        return name, np.array(fields["data"], dtype=kind).reshape([int(axis) for axis in cast("list[Any]", shape)])
    except (ValueError, TypeError, OverflowError) as error:
        raise ServingError(f"the data of {name!r} are not {fields['datatype']} of shape {shape}") from error

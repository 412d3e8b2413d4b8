"""Linear layers that compute with 8-bit numbers: while they learn, and as they are shipped."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

_LARGEST = 127
_LEVELS = 255
_SMALL = 1e-8
_QDQ_VERSION = 13
"""The ONNX operator set in which QuantizeLinear learnt its axis."""


class Rounded(nn.Module):
    """A linear layer whose weights and inputs are rounded as INT8 would, and which learns through the rounding.

    The range of its inputs is measured first and trained after (Esser et al. 2020 train the step size likewise).
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight = nn.Parameter(linear.weight.detach().clone())
        self.bias = None if linear.bias is None else nn.Parameter(linear.bias.detach().clone())
        self.low = nn.Parameter(torch.zeros(()))
        self.high = nn.Parameter(torch.zeros(()))
        self.observing = False
        self.seen = False

    def forward(self, values: Tensor) -> Tensor:
        """Return the layer's answer; while observing, without rounding."""
        if self.observing:
            self.observe(values)
            return nn.functional.linear(values, self.weight, self.bias)
        scale, zero = self.grid()
        rounded = (_through(values / scale) + zero).clamp(0, _LEVELS)
        weights = _weight_scale(self.weight.detach())
        weight = _through(self.weight / weights).clamp(-_LARGEST, _LARGEST) * weights
        return nn.functional.linear((rounded - zero) * scale, weight, self.bias)

    def observe(self, values: Tensor) -> None:
        """Widen the range to hold these inputs, and zero, which padding needs."""
        with torch.no_grad():
            self.low.copy_(torch.minimum(self.low, values.min()))
            self.high.copy_(torch.maximum(self.high, values.max()))
        self.seen = True

    def grid(self) -> tuple[Tensor, Tensor]:
        """Return the scale and the zero point, as floating-point numbers."""
        scale = (self.high.clamp_min(0) - self.low.clamp_max(0)).clamp_min(_SMALL) / _LEVELS
        return scale, _through(-self.low.clamp_max(0) / scale).clamp(0, _LEVELS)

    def frozen(self) -> QuantizedLinear:
        """Return the layer as it is shipped."""
        with torch.no_grad():
            scale, zero = self.grid()
            return QuantizedLinear(self.weight.detach(), self.bias, scale, zero)

    def plain(self) -> nn.Linear:
        """Return the linear layer that it was."""
        linear = nn.Linear(self.weight.shape[1], self.weight.shape[0], bias=self.bias is not None)
        with torch.no_grad():
            linear.weight.copy_(self.weight)
            if self.bias is not None:
                linear.bias.copy_(self.bias)
        return linear


class QuantizedLinear(nn.Module):
    """A linear layer of signed 8-bit weights, shape (inputs, outputs), and inputs rounded to unsigned 8-bit numbers.

    In torch it computes what ONNX Runtime's integer kernels do, in floating point; it is exported as those kernels'
    operators, so its speed and size are those of the ONNX file.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, scale: Tensor, zero: Tensor) -> None:
        super().__init__()
        scales = _weight_scale(weight)
        rounded = torch.round(weight / scales).clamp(-_LARGEST, _LARGEST)
        self.register_buffer("weight", rounded.t().contiguous().to(torch.int8))
        self.register_buffer("weight_scale", scales.reshape(-1).clone())
        self.register_buffer("weight_zero", torch.zeros(weight.shape[0], dtype=torch.int8))
        self.register_buffer("scale", scale.detach().clone())
        self.register_buffer("zero", torch.round(zero).to(torch.uint8))
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone(), requires_grad=False)

    def forward(self, values: Tensor) -> Tensor:
        """Return the layer's answer."""
        if torch.onnx.is_in_onnx_export():
            return self._exported(values)
        zero = self.get_buffer("zero").float()
        scale = self.get_buffer("scale")
        rounded = (torch.round(values / scale) + zero).clamp(0, _LEVELS)
        weight = self.get_buffer("weight").float() * self.get_buffer("weight_scale")
        return _plus((rounded - zero) * scale @ weight, self.bias)

    def _exported(self, values: Tensor) -> Tensor:
        flat = values.ndim == 2
        # ONNX Runtime makes a Gemm of a product of two matrices and then leaves it in floating point.
        given = values.unsqueeze(0) if flat else values
        names = ("scale", "zero", "weight", "weight_scale", "weight_zero")
        parts = tuple(self.get_buffer(name) for name in names)
        product = cast("Tensor", _Traced.apply(given, *parts)) if torch.jit.is_tracing() else _captured(given, *parts)
        answer = _plus(product, self.bias)
        return answer.squeeze(0) if flat else answer


class QuantizedEmbedding(nn.Module):
    """An embedding table of signed 8-bit numbers with a scale per row: a quarter of the size, near the same vectors."""

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        scales = _weight_scale(table.weight.detach())
        rounded = torch.round(table.weight.detach() / scales).clamp(-_LARGEST, _LARGEST)
        self.register_buffer("weight", rounded.to(torch.int8))
        self.register_buffer("weight_scale", scales.clone())

    def forward(self, rows: Tensor) -> Tensor:
        """Return the vectors of some rows."""
        return self.get_buffer("weight")[rows].float() * self.get_buffer("weight_scale")[rows]


class _Traced(torch.autograd.Function):
    """The product as ONNX operators, for the exporter that traces (``dynamo=False``)."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, scale: Tensor, zero: Tensor, *weight: Tensor) -> Tensor:
        """Return the product in floating point."""
        shift = zero.float()
        rounded = (torch.round(values / scale) + shift).clamp(0, _LEVELS)
        return (rounded - shift) * scale @ (weight[0].float() * weight[1])

    @staticmethod
    def symbolic(g: Any, values: Any, scale: Any, zero: Any, weight: Any, weight_scale: Any, weight_zero: Any) -> Any:
        """Return the product as a node of the graph ``g``."""
        integer = g.op("QuantizeLinear", values, scale, zero)
        rounded = g.op("DequantizeLinear", integer, scale, zero)
        whole = g.op("DequantizeLinear", weight, weight_scale, weight_zero, axis_i=1)
        size = weight_scale.type().sizes()[0]
        sizes = values.type().sizes()
        product = g.op("MatMul", rounded, whole)
        if sizes is not None:
            product.setType(values.type().with_sizes([*sizes[:-1], size]))
        return product


def _captured(
    values: Tensor, scale: Tensor, zero: Tensor, weight: Tensor, weight_scale: Tensor, weight_zero: Tensor
) -> Tensor:
    """Return the product as ONNX operators, for the exporter that captures the graph (``dynamo=True``)."""

    def operator(name: str, inputs: tuple[Tensor, ...], kind: torch.dtype, axis: int | None = None) -> Tensor:
        told = {} if axis is None else {"axis": axis}
        made = torch.onnx.ops.symbolic(name, inputs, told, dtype=kind, shape=inputs[0].shape, version=_QDQ_VERSION)
        return cast("Tensor", made)

    integer = operator("QuantizeLinear", (values, scale, zero), torch.uint8)
    rounded = operator("DequantizeLinear", (integer, scale, zero), torch.float32)
    return rounded @ operator("DequantizeLinear", (weight, weight_scale, weight_zero), torch.float32, axis=1)


def _plus(values: Tensor, bias: Tensor | None) -> Tensor:
    return values if bias is None else values + bias


def _weight_scale(weight: Tensor) -> Tensor:
    """Return a scale per output, shape (outputs, 1)."""
    return weight.abs().amax(1, keepdim=True).clamp_min(_SMALL) / _LARGEST


def _through(values: Tensor) -> Tensor:
    """Round, and let the gradient through as if nothing was rounded."""
    return values + (torch.round(values) - values).detach()

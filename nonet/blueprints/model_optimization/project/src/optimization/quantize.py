"""From a float32 graph to the graph that ships: transformer operators fused, numbers made narrower."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from optimization import data, examples
from optimization.design import Design
from optimization.export import GRAPH, fit_examples
from optimization.models import ModelError, first_line

CALIBRATED = 128
"""Examples that static ranges are found on."""
INT4_BLOCK = 32
_FUSED_OPERATORS = ("Attention", "EmbedLayerNormalization", "SkipLayerNormalization", "LayerNormalization", "BiasGelu")


def graph(design: Design, source: Path, folder: Path, out: Path) -> dict[str, float]:
    """Write ``model.onnx`` of a design from the float32 graph in ``source``; return what was counted.

    Raises:
        ModelError: nothing could be fused, or the graph has nothing of the kind that the precision is for.
    """
    logging.getLogger().setLevel(logging.ERROR)
    counted: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The quantizers write beside what they read, and a stage that is built may not be written to.
        at, fused = Path(scratch) / "graph" / GRAPH, Path(scratch) / "fused" / GRAPH
        at.parent.mkdir()
        fused.parent.mkdir()
        _copied(source / GRAPH, at.parent)
        try:
            if design.fused:
                at, counted["fused_operators"] = _fused(at, fused, data.meta(folder))
            if design.precision == "fp32":
                _copied(at, out)
            else:
                _narrowed(design, at, folder, out / GRAPH, Path(scratch))
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{design.precision} cannot be made of this graph: {first_line(error)}") from error
    return counted


def _fused(path: Path, out: Path, meta: data.Meta) -> tuple[Path, float]:
    """Replace the blocks of a transformer by single operators of ONNX Runtime; return the graph and their number."""
    from onnxruntime.transformers.optimizer import optimize_model

    made: Any = optimize_model(str(path), model_type="bert", num_heads=meta.heads, hidden_size=meta.width, opt_level=0)
    found = made.get_fused_operator_statistics()
    count = sum(int(found.get(name, 0)) for name in _FUSED_OPERATORS)
    if not count:
        raise ModelError("no block of this graph is one that ONNX Runtime fuses")
    made.save_model_to_file(str(out))
    return out, float(count)


def _copied(path: Path, out: Path) -> None:
    shutil.copyfile(path, out / GRAPH)
    for each in path.parent.iterdir():
        if each.name not in (GRAPH, path.name):
            shutil.copyfile(each, out / each.name)


def _narrowed(design: Design, path: Path, folder: Path, out: Path, scratch: Path) -> None:
    before = _operators(path)
    if design.precision == "fp16":
        _half(path, out)
    elif design.precision == "int8_dynamic":
        _dynamic(design, path, out)
    elif design.precision == "int8_static":
        _static(design, path, folder, out, scratch)
    elif design.precision == "int4":
        _four_bits(path, out)
    else:
        raise ModelError(f"ONNX Runtime's processor backend has no {design.precision}; use it with the runtime torch")
    if design.precision != "fp16" and _operators(out) == before:
        raise ModelError(f"the graph has no matrix product or convolution that {design.precision} could narrow")


def _operators(path: Path) -> list[str]:
    import onnx

    return sorted(node.op_type for node in onnx.load(str(path), load_external_data=False).graph.node)


def _half(path: Path, out: Path) -> None:
    """Weights and arithmetic in float16; inputs and outputs keep their types."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    made: Any = convert_float_to_float16(onnx.load(str(path)), keep_io_types=True, disable_shape_infer=False)
    onnx.save(made, str(out))


def _dynamic(design: Design, path: Path, out: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(path),
        str(out),
        weight_type=QuantType.QInt8,
        per_channel=design.per_channel,
        extra_options={"DefaultTensorType": 1},
    )


def _static(design: Design, path: Path, folder: Path, out: Path, scratch: Path) -> None:
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    methods = {
        "minmax": CalibrationMethod.MinMax,
        "entropy": CalibrationMethod.Entropy,
        "percentile": CalibrationMethod.Percentile,
    }
    prepared = scratch / "prepared.onnx"
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(out),
        _Reader(folder),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=design.per_channel,
        calibrate_method=methods[design.calibration],
        op_types_to_quantize=["MatMul", "Gemm", "Conv"],
        extra_options={"DefaultTensorType": 1},
    )


class _Reader:
    """The fit examples one by one, as ONNX Runtime's calibration asks for them."""

    def __init__(self, folder: Path) -> None:
        arrays, _ = fit_examples(folder, CALIBRATED)
        self._rows: Iterator[examples.Arrays] = (
            {name: np.array(each) for name, each in examples.row(arrays, place).items()}
            for place in range(examples.count(arrays))
        )

    def get_next(self) -> examples.Arrays | None:
        """Return the next example, or nothing."""
        return next(self._rows, None)

    def __iter__(self) -> _Reader:
        """Return itself."""
        return self

    def __next__(self) -> examples.Arrays:
        """Return the next example."""
        found = self.get_next()
        if found is None:
            raise StopIteration
        return found


def _four_bits(path: Path, out: Path) -> None:
    """Weights of matrix products in 4 bits, a scale for each block; arithmetic in float32 (MatMulNBits)."""
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    made: Any = MatMulNBitsQuantizer(
        onnx.load(str(path)), bits=4, block_size=INT4_BLOCK, is_symmetric=True, accuracy_level=4
    )
    made.process()
    made.model.save_model_to_file(str(out), use_external_data_format=False)

"""A model that was given: a column of predictions, a skops file or an ONNX file. Pickle is never loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from fairness.errors import FairnessError
from fairness.features import Rows
from fairness.table import frame_of

FORMATS = (".skops", ".onnx")


class Scorer(Protocol):
    """Scores rows: shape (rows,), probabilities or decisions of 1."""

    def __call__(self, rows: Rows) -> np.ndarray:
        """Score rows."""
        ...


def column(rows: Rows) -> np.ndarray:
    """Return the given predictions of rows."""
    return np.asarray([row["given"] for row in rows], dtype=np.float64)


def load(path: Path, features: Sequence[str]) -> Scorer:
    """Load a given model, whose inputs are columns of the table.

    Raises:
        FairnessError: it is of another format, cannot be loaded, or needs columns that are not there.
    """
    if path.suffix == ".skops":
        return _skops(path, features)
    if path.suffix == ".onnx":
        return _onnx(path, features)
    raise FairnessError(f"{path.name}: a model is a .skops or .onnx file; export it (pickle is never loaded)")


def _skops(path: Path, features: Sequence[str]) -> Scorer:
    from skops import io

    try:
        foreign = [name for name in io.get_untrusted_types(file=path) if not name.startswith(("sklearn.", "numpy."))]
        if foreign:
            raise FairnessError(
                f"{path.name} holds types that are not scikit-learn's ({', '.join(sorted(foreign)[:3])})"
            )
        model = io.load(path, trusted=io.get_untrusted_types(file=path))
    except FairnessError:
        raise
    except Exception as error:  # a damaged archive fails in as many ways as there are readers of it
        raise FairnessError(f"{path.name} does not load as a skops file ({_line(error)})") from error
    if not hasattr(model, "predict"):
        raise FairnessError(f"{path.name} holds a {type(model).__name__}, which predicts nothing")
    names = [str(name) for name in getattr(model, "feature_names_in_", features)]
    _there(path, names, features)

    def score(rows: Rows) -> np.ndarray:
        frame = frame_of(rows, names)
        try:
            if hasattr(model, "predict_proba"):
                return np.asarray(model.predict_proba(frame))[:, 1].astype(np.float64)
            return np.asarray(model.predict(frame)).astype(np.float64)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise FairnessError(f"{path.name} cannot read the table's rows ({_line(error)})") from error

    return score


def _onnx(path: Path, features: Sequence[str]) -> Scorer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base but this
        raise FairnessError(f"{path.name} does not load in ONNX Runtime ({_line(error)})") from error
    inputs = session.get_inputs()
    names = [each.name for each in inputs]
    if len(inputs) > 1:
        _there(path, names, features)

    def score(rows: Rows) -> np.ndarray:
        feed = _fed(inputs, rows, names if len(inputs) > 1 else features)
        try:
            found = session.run(None, feed)
        except Exception as error:
            raise FairnessError(f"{path.name} cannot read the table's rows ({_line(error)})") from error
        return _scores(found)

    return score


def _fed(inputs: Sequence[Any], rows: Rows, names: Sequence[str]) -> dict[str, np.ndarray]:
    frame = frame_of(rows, names)
    try:
        if len(inputs) == 1:
            return {inputs[0].name: frame.to_numpy().astype(_type(inputs[0].type))}
        return {each.name: frame[each.name].to_numpy().astype(_type(each.type))[:, None] for each in inputs}
    except (ValueError, TypeError) as error:
        raise FairnessError(f"the table's columns do not fit the model's inputs ({_line(error)})") from error


def _type(name: str) -> Any:
    return {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}.get(name, object)


def _scores(outputs: Sequence[Any]) -> np.ndarray:
    """Take the probabilities of 1 where the model gives them (an array or a list of maps), else its labels."""
    last = outputs[-1]
    if isinstance(last, list) and last and isinstance(last[0], Mapping):
        keys = sorted(last[0])
        return np.asarray([row[keys[-1]] for row in last], dtype=np.float64)
    values = np.asarray(last, dtype=np.float64)
    return values[:, -1] if values.ndim == 2 else values.reshape(-1)


def _there(path: Path, names: Sequence[str], features: Sequence[str]) -> None:
    if lacking := [name for name in names if name not in features]:
        raise FairnessError(f"{path.name} needs the column {lacking[0]!r}, which the table has not (or names rows)")


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__

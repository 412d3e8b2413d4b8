"""A model that was given: a skops file or an ONNX file. Pickle is never loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from fairness.errors import FairnessError
from fairness.features import Rows
from fairness.foreign import line
from fairness.foreign import load as load_skops
from fairness.outcomes import favourable
from fairness.table import frame_of

FORMATS = (".skops", ".onnx")


class Scorer(Protocol):
    """Scores rows: shape (rows,), probabilities or decisions of 1."""

    def __call__(self, rows: Rows) -> np.ndarray:
        """Score rows."""
        ...


def load(path: Path, features: Sequence[str], positive: str = "") -> Scorer:
    """Load a given model, whose inputs are columns of the table.

    Args:
        path: the file.
        features: columns that the table has.
        positive: the favourable value of the label ("": 1, yes, true), by which the model's classes are told apart.

    Raises:
        FairnessError: it is of another format, cannot be loaded, or needs columns that are not there.
    """
    if path.suffix == ".skops":
        return _skops(path, features, positive)
    if path.suffix == ".onnx":
        return _onnx(path, features, positive)
    raise FairnessError(f"{path.name}: a model is a .skops or .onnx file; export it (pickle is never loaded)")


def _skops(path: Path, features: Sequence[str], positive: str) -> Scorer:
    model = load_skops(path)
    if not hasattr(model, "predict"):
        raise FairnessError(f"{path.name} holds a {type(model).__name__}, which predicts nothing")
    names = [str(name) for name in getattr(model, "feature_names_in_", features)]
    _there(path, names, features)
    classes = list(np.asarray(getattr(model, "classes_", [])).tolist())
    place = _place(path, classes, positive) if hasattr(model, "predict_proba") else 0

    def score(rows: Rows) -> np.ndarray:
        frame = frame_of(rows, names)
        try:
            if hasattr(model, "predict_proba"):
                return np.asarray(model.predict_proba(frame))[:, place].astype(np.float64)
            found = np.asarray(model.predict(frame)).tolist()
            if classes:
                return np.asarray([float(favourable(each, positive)) for each in found])
            return np.asarray(found, dtype=np.float64)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise FairnessError(f"{path.name} cannot read the table's rows ({line(error)})") from error

    return score


def _place(path: Path, classes: Sequence[Any], positive: str) -> int:
    """Return the place of the favourable class of two."""
    wanted = [place for place, each in enumerate(classes) if favourable(each, positive)]
    if len(classes) != 2 or len(wanted) != 1:
        shown = ", ".join(map(str, classes[:6])) or "not said"
        raise FairnessError(
            f"{path.name} has the classes {shown}; it needs two, one of them the label's favourable value "
            f"({positive or '1, yes or true'})"
        )
    return wanted[0]


def _onnx(path: Path, features: Sequence[str], positive: str) -> Scorer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base but this
        raise FairnessError(f"{path.name} does not load in ONNX Runtime ({line(error)})") from error
    inputs = session.get_inputs()
    names = [each.name for each in inputs] if len(inputs) > 1 else list(features)
    _there(path, names, features)

    def score(rows: Rows) -> np.ndarray:
        # One row at a time: single precision rounds by the size of a batch, and a row's decision must not.
        feeds = _fed(inputs, rows, names)
        try:
            return np.asarray([_score(session.run(None, feed), positive) for feed in feeds])
        except FairnessError:
            raise
        except Exception as error:
            raise FairnessError(f"{path.name} cannot read the table's rows ({line(error)})") from error

    return score


def _fed(inputs: Sequence[Any], rows: Rows, names: Sequence[str]) -> list[dict[str, np.ndarray]]:
    frame = frame_of(rows, names)
    try:
        if len(inputs) == 1:
            whole = {inputs[0].name: frame.to_numpy().astype(_type(inputs[0].type))}
        else:
            whole = {each.name: frame[each.name].to_numpy().astype(_type(each.type))[:, None] for each in inputs}
    except (ValueError, TypeError) as error:
        raise FairnessError(f"the table's columns do not fit the model's inputs ({line(error)})") from error
    return [{name: values[place : place + 1] for name, values in whole.items()} for place in range(len(rows))]


def _type(name: str) -> Any:
    return {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}.get(name, object)


def _score(outputs: Sequence[Any], positive: str) -> float:
    """Take the probability of the favourable class of one row where the model gives it, else its decision.

    A classifier gives its label first and its probabilities last: as a map from class to probability, or as a row in
    the order of its classes. That order is not in the outputs, but the label is where the largest probability is.
    """
    label, last = np.asarray(outputs[0]).reshape(-1)[0], outputs[-1]
    if isinstance(last, list) and last and isinstance(last[0], Mapping):
        wanted = [value for name, value in last[0].items() if favourable(name, positive)]
        if len(wanted) != 1 or len(last[0]) != 2:
            raise FairnessError(f"the model's classes are {', '.join(map(str, last[0]))}; it needs two, one favourable")
        return float(wanted[0])
    values = np.asarray(last).reshape(-1)
    if len(outputs) == 1:
        if values.size > 2 or not np.issubdtype(values.dtype, np.number):
            raise FairnessError(f"the model gives {values.size} values a row; one score or two probabilities are read")
        return float(values[-1])
    if values.size != 2:
        raise FairnessError(f"the model gives {values.size} probabilities a row; two are read")
    return float(
        values.max() if favourable(label.item() if hasattr(label, "item") else label, positive) else values.min()
    )


def _there(path: Path, names: Sequence[str], features: Sequence[str]) -> None:
    if lacking := [name for name in names if name not in features]:
        raise FairnessError(f"{path.name} needs the column {lacking[0]!r}, which the table has not (or names rows)")

"""A scikit-learn pipeline: from skops, whose types are checked, or, by explicit word, from a pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization.examples import Arrays, Port
from optimization.models import ModelError, cores, first_line

FILES = (".skops",)
PICKLES = (".pkl", ".pickle", ".joblib")
_ROOTS = ("sklearn.", "numpy.", "scipy.")
"""Packages whose types a file may name: they are what it was saved from, and hold no code of the file's."""


class Pipeline:
    """A fitted estimator; a classifier's outputs are ``label`` and, where it has them, ``probabilities``.

    Args:
        estimator: fitted.
        ports: its inputs: one matrix, or columns by name.
        threads: at most; 0 takes all of this process's processors.
    """

    def __init__(self, estimator: Any, ports: Sequence[Port], threads: int = 0) -> None:
        from threadpoolctl import threadpool_limits

        self.estimator, self.ports = estimator, ports
        self._limits = threadpool_limits(cores(threads))

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Return the outputs by name."""
        table = frame(self.estimator, inputs)
        try:
            if hasattr(self.estimator, "predict_proba"):
                scores: NDArray[Any] = np.asarray(self.estimator.predict_proba(table))
                return {"label": np.asarray(self.estimator.classes_)[scores.argmax(axis=1)], "probabilities": scores}
            if hasattr(self.estimator, "predict"):
                name = "label" if hasattr(self.estimator, "classes_") else "prediction"
                return {name: np.asarray(self.estimator.predict(table))}
            return {"features": np.asarray(self.estimator.transform(table))}
        except Exception as error:
            raise ModelError(f"the pipeline refuses these inputs: {first_line(error)}") from error


def load(path: Path, *, pickle: bool = False) -> Any:
    """Return the estimator that a file holds.

    Raises:
        ModelError: it cannot be loaded, names types of other packages, or is a pickle that nobody trusted.
    """
    if path.suffix in PICKLES:
        if not pickle:
            raise ModelError(
                f"{path.name} is a pickle, which can run code; save it with skops.io.dump, or say --trust-pickle"
            )
        import joblib

        try:
            return _fitted(joblib.load(path), path)
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{path.name} cannot be loaded: {first_line(error)}") from error
    import skops.io

    try:
        named = skops.io.get_untrusted_types(file=path)
        if foreign := [name for name in named if not name.startswith(_ROOTS)]:
            raise ModelError(
                f"{path.name} names the type {foreign[0]}, which is not scikit-learn's; leave it out or export ONNX"
            )
        return _fitted(skops.io.load(path, trusted=named), path)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"{path.name} cannot be loaded by skops: {first_line(error)}") from error


def _fitted(estimator: Any, path: Path) -> Any:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if not hasattr(estimator, "fit"):
        raise ModelError(f"{path.name} holds no estimator but {type(estimator).__name__}; save the fitted pipeline")
    try:
        check_is_fitted(estimator)
    except NotFittedError as error:
        raise ModelError(f"{path.name} holds an estimator that is not fitted; fit it, then save it") from error
    return estimator


def ports_of(estimator: Any) -> list[Port]:
    """Return the inputs: the named columns it was fitted on, or one matrix ``X``."""
    names: Any = getattr(estimator, "feature_names_in_", None)
    if names is not None:
        return [Port(str(name), shape=(None,)) for name in names]
    width = getattr(estimator, "n_features_in_", None)
    return [Port("X", shape=(None, int(width)) if width else (None, None))]


def frame(estimator: Any, inputs: Mapping[str, NDArray[Any]]) -> Any:
    """Return the inputs as the estimator was fitted on them: a matrix, or a table of named columns."""
    if getattr(estimator, "feature_names_in_", None) is None:
        return next(iter(inputs.values()))
    import pandas

    return pandas.DataFrame({name: each.reshape(len(each)) for name, each in inputs.items()})

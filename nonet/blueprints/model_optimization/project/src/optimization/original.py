"""The model as it was given: which format it has, and how it is loaded and asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optimization import hugging_face, pipeline
from optimization.examples import Port
from optimization.models import Model, ModelError

ONNX, TORCH, SKLEARN = "onnx", "torch", "sklearn"
_TORCH_FILES = (".pt2", ".pt", ".pth", ".ts")

_KINDS = {".onnx": ONNX, **dict.fromkeys(_TORCH_FILES, TORCH)}
_KINDS |= dict.fromkeys((*pipeline.FILES, *pipeline.PICKLES), SKLEARN)


def found(folder: Path) -> tuple[str, Path]:
    """Return (format, path) of the model in a folder that holds the user's files and nothing else.

    Raises:
        ModelError: there is none, or several.
    """
    if hugging_face.is_folder(folder):
        return TORCH, folder
    kinds = _KINDS
    models = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix.lower() in kinds]
    if len(models) != 1:
        named = ", ".join(path.name for path in models[:3])
        what = f"several models ({named})" if models else "no model"
        raise ModelError(f"there is {what}; give one .onnx, .pt2, .pt, .skops file, or a folder with config.json")
    return kinds[models[0].suffix.lower()], models[0]


def kind_of(path: Path) -> str:
    """Return the format of a model's file or folder.

    Raises:
        ModelError: it is no model that is read.
    """
    if path.is_dir():
        return found(path)[0]
    if path.suffix.lower() not in _KINDS or not path.is_file():
        raise ModelError(f"{path} is no model that is read; give a .onnx, .pt2, .pt, .skops file, or a folder")
    return _KINDS[path.suffix.lower()]


def trains(path: Path) -> bool:
    """Whether a PyTorch model can be trained: a folder's can, and a pickled module; a frozen program cannot."""
    from optimization import torch_model

    return path.is_dir() or (path.suffix != ".pt2" and not torch_model.is_script(path))


def load(kind: str, path: Path, *, threads: int = 0, pickle: bool = False, ports: Sequence[Port] = ()) -> Model:
    """Load the model as it is given.

    Args:
        kind: its format.
        path: the file, or the Hugging Face folder.
        threads: at most; 0 takes all of this process's processors.
        pickle: the user's word that a pickle may be loaded.
        ports: its inputs, where they are known already.

    Raises:
        ModelError: it cannot be loaded.
    """
    if kind == ONNX:
        from optimization.onnx_model import OnnxModel

        return OnnxModel(path, threads)
    if kind == TORCH:
        from optimization import torch_model

        module: Any = torch_model.load(path, pickle=pickle)
        return torch_model.TorchModel(module, ports or torch_model.ports_of(module, path), threads)
    estimator = pipeline.load(path, pickle=pickle)
    return pipeline.Pipeline(estimator, ports or pipeline.ports_of(estimator), threads)

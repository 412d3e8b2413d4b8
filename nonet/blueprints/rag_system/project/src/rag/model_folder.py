"""The folder of an ONNX model, as exporters write it: weights, ``tokenizer.json`` and configurations."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, cast

from rag import onnx_runtime
from rag.errors import ModelError

USUAL = ("model.onnx", "model_optimized.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
"""Where exporters put the weights, the one that is taken first."""


def weights(folder: Path, name: str) -> str:
    """Return the weights' path in the folder: ``name`` where it is one, the usual one, or the only one there is.

    Raises:
        ModelError: there is no such folder, no weights in it, or more than one without a usual name.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder} is no folder; name the folder of an ONNX model.")
    if name:
        named = folder / name
        outside = Path(name).is_absolute() or ".." in Path(name).parts  # links are fine: a hub's cache is made of them
        if named.suffix != ".onnx" or outside or not named.is_file():
            raise ModelError(f"{folder} has no ONNX file {name!r}; leave the model's name empty to take the usual one.")
        return name
    usual = [path for path in USUAL if (folder / path).is_file()]
    found = usual or sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.onnx"))
    if not found:
        raise ModelError(f"{folder} has no ONNX file; export the model to ONNX, its tokenizer.json beside it.")
    if not usual and len(found) > 1:
        raise ModelError(f"{folder} has several ONNX files ({', '.join(found[:5])}); name one as the model.")
    return found[0]


def located(at: str, names: str) -> Path:
    """Return the folder that a design names; ``names`` says what the field is for.

    Raises:
        ModelError: there is no such folder.
    """
    folder = Path(at).expanduser()
    if not folder.is_dir():
        raise ModelError(f"{at} is no folder; {names}.")
    return folder


def known(models: Any, folder: Path, name: str, field: str) -> str | None:
    """Return the weights' path of a model that fastembed knows by name; ``None`` where it knows none of that name.

    Args:
        models: fastembed's class of such models.
        field: the design's field that holds the name.

    Raises:
        ModelError: the folder lacks that file.
    """
    found = next(
        (model for model in models.list_supported_models() if str(model["model"]).lower() == name.lower()), None
    )
    if found is None:
        return None
    file = str(found["model_file"])
    if not (folder / file).is_file():
        raise ModelError(f"{folder} has no {file}, the file of {name}; leave {field} empty.")
    return file


def opened(models: Any, folder: Path, name: str) -> Any:
    """Return a model of fastembed's class ``models``, read from the folder, on one core.

    Raises:
        ModelError: it cannot be used.
    """
    try:
        return models(
            name,
            cache_dir=str(folder),
            threads=1,
            providers=["CPUExecutionProvider"],
            specific_model_path=str(folder),
            local_files_only=True,
        )
    except Exception as error:  # what a broken folder raises is open-ended
        raise unusable(folder, error) from error


def fingerprint(folder: Path, file: str) -> str:
    """Return a hash of the weights, of data files beside them, and of the folder's JSON files."""
    chosen = folder / file
    parts = {path for path in chosen.parent.iterdir() if path.name.startswith(chosen.name) and path.is_file()}
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(parts | {path for path in folder.rglob("*.json") if path.is_file()}):
        with path.open("rb") as content:
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.file_digest(content, "blake2b").digest())
    return digest.hexdigest()


def outputs(folder: Path, file: str) -> dict[str, list[Any]]:
    """Return the model's outputs and their shapes; a size that varies is a name or None.

    Raises:
        ModelError: ONNX Runtime cannot load it.
    """
    none: Any = onnx_runtime.onnxruntime().GraphOptimizationLevel.ORT_DISABLE_ALL  # it is only looked at
    try:
        session = onnx_runtime.session(str(folder / file), graph_optimization_level=none, log_severity_level=4)
    except Exception as error:  # what a broken file raises is open-ended
        raise unusable(folder, error) from error
    return {output.name: list(output.shape) for output in session.get_outputs()}


def config(folder: Path, name: str) -> dict[str, Any]:
    """Return one of the folder's JSON objects, empty where there is none.

    Raises:
        ModelError: it is no JSON object.
    """
    try:
        value: Any = json.loads((folder / name).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / name} is no readable JSON.") from error
    if not isinstance(value, dict):
        raise ModelError(f"{folder / name} is no JSON object.")
    return cast("dict[str, Any]", value)


def unusable(folder: Path, error: Exception) -> ModelError:
    """Say in one line that a folder's model cannot be used, and why."""
    reason = " ".join(str(error).split())[:300].rstrip(".")
    return ModelError(f"The model in {folder} cannot be used: {reason or type(error).__name__}.")

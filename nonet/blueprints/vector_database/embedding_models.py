"""The embedding models of a run: those of packages, those of folders that the inputs name, and tuned ones.

A design may name a folder only when the inputs give it: whatever memory or documents suggest, nothing is read from a
place that nobody named for this run. Here only JSON files of such a folder are read, as data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from nonet.blueprints.vector_database.inputs import Inputs
from nonet.errors import InputError
from nonet.state import Brief, Json
from nonet.trials.contract import Access

GROUP = "models"
"""The group of the project's dependencies with PyTorch: to tune, and to bring models from safetensors into ONNX."""
FIT_SHARE = 0.5
"""Of the questions outside the holdout, where a model is tuned on them."""
TUNING = "fine-tuning"
WIDTHS: Mapping[str, int] = {"wordllama": 256, "minilm": 384}
_ONNX = ("model.onnx", "onnx/model.onnx", "model_optimized.onnx", "onnx/model_quantized.onnx", "model_quantized.onnx")
_SAFE = ("model.safetensors", "model.safetensors.index.json")
Fields = Mapping[str, Json]


def folders(inputs: Inputs) -> list[Path]:
    """Return the folders that the inputs name, absolute."""
    return list(dict.fromkeys(Path(each).expanduser().absolute() for each in inputs.model))


def check(inputs: Inputs) -> None:
    """Refuse what is no folder of an encoder, and pickled weights without the user's word.

    Raises:
        InputError: one of them.
    """
    if not inputs.texts and (inputs.model or inputs.hosted or inputs.pairs):
        what = "A model is" if inputs.model or inputs.hosted else "Pairs are"
        raise InputError(f"{what} given, and no texts to embed.", "Give --texts FILE.jsonl instead of vectors.")
    for folder in folders(inputs):
        if not folder.is_dir():
            raise InputError(f"There is no folder {folder}.", "Give the folder of a model: --model FOLDER.")
        inner = _inner(folder)
        if not any((place / "config.json").is_file() for place in (inner, folder)):
            raise InputError(
                f"{folder} holds no model (no config.json).",
                "Give the folder of a sentence-transformers or Hugging Face encoder.",
            )
        graph = any((folder / name).is_file() for name in _ONNX)
        safe = any((place / name).is_file() for place in (inner, folder) for name in _SAFE)
        pickled = [path.name for place in (inner, folder) for path in sorted(place.glob("*.bin"))]
        if not (graph or safe or pickled):
            raise InputError(f"{folder} has no weights.", "It needs model.safetensors or model.onnx.")
        if not (graph or safe or inputs.pickle):
            raise InputError(
                f"The weights in {folder} are pickled ({pickled[0]}), which can run code.",
                "Save them as model.safetensors, or say --pickle true if you trust them.",
            )


def fields(inputs: Inputs) -> list[Fields]:
    """Return the fields of the designs that embed by the models of folders."""
    return [{"embedding": "folder", "model_at": str(folder), "pickled": inputs.pickle} for folder in folders(inputs)]


def hosted(inputs: Inputs) -> list[Fields]:
    """Return the fields of the designs that embed by services."""
    return [{"embedding": "hosted", "model_at": each} for each in dict.fromkeys(inputs.hosted)]


def tuned(inputs: Inputs, technologies: Sequence[str]) -> bool:
    """Whether a model is to be tuned: pairs are given, or the request names it."""
    return bool(inputs.texts) and (inputs.pairs is not None or TUNING in technologies)


def groups(brief: Brief, inputs: Inputs) -> tuple[str, ...]:
    """Return the groups of the project's dependencies that a run needs besides those of every run."""
    needed = tuned(inputs, brief.technologies) or not all(map(_portable, folders(inputs)))
    return (GROUP,) if needed else ()


def share_to_fit(brief: Brief, inputs: Inputs) -> float:
    """Return the share of the questions to tune on: where relevant texts are all there is to learn from."""
    learns = tuned(inputs, brief.technologies) and inputs.relevant is not None and inputs.pairs is None
    return FIT_SHARE if learns else 0.0


def access(design: Fields) -> Access:
    """Return what a design's worker may reach: the folder of its model, or its embedding service."""
    place = str(design.get("model_at") or "")
    if design.get("embedding") == "hosted":
        return Access(embedding=place)
    return Access(folders=(Path(place),)) if place else Access()


def width(design: Fields) -> int:
    """Return the dimensions of a design's vectors before any reduction; 0 where the folder does not say."""
    if design["embedding"] != "folder":
        return WIDTHS.get(str(design["embedding"]), 0)  # a service says with its first vector
    folder = Path(str(design["model_at"]))
    modules = _read(folder / "modules.json")
    for module in reversed(cast("list[dict[str, Any]]", modules) if isinstance(modules, list) else []):
        told = _object(folder / str(module.get("path", "")) / "config.json").get("out_features")
        if isinstance(told, int):
            return told
    config = _object(_inner(folder) / "config.json") or _object(folder / "config.json")
    told = next((config[name] for name in ("projection_dim", "hidden_size", "dim", "d_model") if name in config), 0)
    return told if isinstance(told, int) else 0


def _portable(folder: Path) -> bool:
    """Whether a folder runs without PyTorch; one whose pooling only PyTorch does says so when it is built."""
    plain = all(
        str(each.get("type", "")).rpartition(".")[2] in ("Transformer", "Pooling", "Normalize")
        for each in cast("list[dict[str, Any]]", _read(folder / "modules.json") or [])
    )
    return plain and (folder / "tokenizer.json").is_file() and any((folder / name).is_file() for name in _ONNX)


def _inner(folder: Path) -> Path:
    modules = _read(folder / "modules.json")
    first: Any = cast("list[Any]", modules)[0] if isinstance(modules, list) and modules else {}
    place = str(cast("dict[str, Any]", first).get("path", "")) if isinstance(first, dict) else ""
    return folder / place if place and ".." not in Path(place).parts else folder


def _object(path: Path) -> dict[str, Any]:
    found = _read(path)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None

"""What the folder of an encoder says of itself: weights, pooling, unit length, longest text, prefixes.

Folders of sentence-transformers (``modules.json``, ``1_Pooling/config.json``, ``sentence_bert_config.json``,
``config_sentence_transformers.json``) and plain Hugging Face encoders (``config.json`` alone: the mean of the last
hidden states) are read. Nothing of the folder is run: its files are data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from vectordb.errors import DataError

ONNX = ("model.onnx", "onnx/model.onnx", "model_optimized.onnx", "onnx/model_quantized.onnx", "model_quantized.onnx")
"""Where exporters put a graph, the one that is taken first."""
PICKLED = ("pytorch_model.bin", "model.pt", "pytorch_model.bin.index.json")
SAFE = ("model.safetensors", "model.safetensors.index.json")
LONGEST = 512
POOLINGS = ("mean", "cls", "max", "lasttoken")
_QUERY = ("query", "search_query", "retrieval.query")
_PASSAGE = ("passage", "document", "search_document", "retrieval.passage")
_BGE = "Represent this sentence for searching relevant passages: "


@dataclass(frozen=True)
class Described:
    """An encoder's folder.

    Attributes:
        folder: where it is.
        onnx: its graph, relative; "" where there is none that can be used as it is.
        safe: whether its weights are in safetensors.
        pooling: ``mean``, ``cls``, ``max`` or ``lasttoken``; other ones run only through PyTorch ("").
        unit: whether its vectors are brought to unit length.
        longest: tokens of a text at most.
        query_prefix: what stands before a question.
        passage_prefix: what stands before a text.
        kind: the architecture, as ``config.json`` calls it.
        modular: whether it is a folder of sentence-transformers.
    """

    folder: Path
    onnx: str
    safe: bool
    pooling: str
    unit: bool
    longest: int
    query_prefix: str
    passage_prefix: str
    kind: str
    modular: bool

    @property
    def portable(self) -> bool:
        """Whether it runs on ONNX Runtime as it is."""
        return bool(self.onnx) and bool(self.pooling) and (self.folder / "tokenizer.json").is_file()


def describe(folder: Path) -> Described:
    """Read a folder.

    Raises:
        DataError: it is no folder of an encoder, or one of its files is no JSON.
    """
    modules = _modules(folder)
    modular = bool(modules)
    inner = folder / str(modules[0].get("path", "")) if modules else folder
    config = _json(inner / "config.json") or _json(folder / "config.json")
    if not config:
        raise DataError(
            f"{folder} has no config.json; name the folder of a sentence-transformers or transformers model."
        )
    types = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    known = all(name in ("Transformer", "Pooling", "Normalize") for name in types)
    pooling = _pooling(folder, modules) if known else ""
    kind = str(config.get("model_type", ""))
    query, passage = _prefixes(folder, config)
    return Described(
        folder,
        next((name for name in ONNX if (folder / name).is_file()), ""),
        any((place / name).is_file() for place in (inner, folder) for name in SAFE),
        "" if kind == "clip" else pooling,
        "Normalize" in types,
        _longest(folder, inner, config),
        query,
        passage,
        kind,
        modular,
    )


def _modules(folder: Path) -> list[dict[str, Any]]:
    found = _any(folder / "modules.json")
    rows: list[Any] = cast("list[Any]", found) if isinstance(found, list) else []
    return [cast("dict[str, Any]", row) for row in rows if isinstance(row, dict)]


def _pooling(folder: Path, modules: list[dict[str, Any]]) -> str:
    """The pooling that ``1_Pooling/config.json`` names, in its older or newer form; the mean without one."""
    place = next((str(each.get("path", "")) for each in modules if str(each.get("type", "")).endswith("Pooling")), "")
    config = _json(folder / place / "config.json") if place else {}
    named = config.get("pooling_mode")
    if isinstance(named, str):
        return named if named in POOLINGS else ""
    keys = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens", "lasttoken": "lasttoken"}
    modes = [name for name, key in keys.items() if config.get(f"pooling_mode_{key}")]
    others = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    if len(others) > len(modes) or len(modes) > 1:
        return ""  # several poolings joined, or one that weighs tokens: PyTorch does it
    return modes[0] if modes else "mean"


def _longest(folder: Path, inner: Path, config: dict[str, Any]) -> int:
    settings = _json(inner / "sentence_bert_config.json") or _json(folder / "sentence_bert_config.json")
    tokens = _json(inner / "tokenizer_config.json") or _json(folder / "tokenizer_config.json")
    text = config.get("text_config")
    positions = config.get("max_position_embeddings") or (
        cast("dict[str, Any]", text).get("max_position_embeddings", 77) if isinstance(text, dict) else None
    )
    if isinstance(positions, int) and config.get("model_type") in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        positions -= 2  # its positions begin after the padding's
    given = [settings.get("max_seq_length"), tokens.get("model_max_length"), positions, LONGEST]
    return min(int(value) for value in given if isinstance(value, int | float) and value > 0)


def _prefixes(folder: Path, config: dict[str, Any]) -> tuple[str, str]:
    """What stands before questions and texts: as the folder's prompts say, else as its family was trained."""
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts")
    if isinstance(prompts, dict):
        named = {str(key): str(value) for key, value in cast("dict[Any, Any]", prompts).items() if value}
        query = next((named[name] for name in _QUERY if name in named), "")
        passage = next((named[name] for name in _PASSAGE if name in named), "")
        if query or passage:
            return query, passage
    name = f"{config.get('_name_or_path', '')} {folder.name}".lower()
    parts = name.replace("/", " ").replace("-", " ").replace("_", " ").split()
    if "e5" in parts and "instruct" not in parts:  # Wang et al. 2022, table of the model card
        return "query: ", "passage: "
    if "bge" in parts and "m3" not in parts and "en" in parts:
        return _BGE, ""
    return "", ""


def _json(path: Path) -> dict[str, Any]:
    found = _any(path)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _any(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no readable JSON; the model's folder is damaged.") from error

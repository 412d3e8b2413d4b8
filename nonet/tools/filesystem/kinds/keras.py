"""Keras models: the configuration of a ``.keras`` archive. Neither weights nor pickled layers are read."""

from __future__ import annotations

import json
from typing import Any, cast

from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.archive import Archive
from nonet.tools.filesystem.kinds.described import Described, counted, flat, shortened, shown
from nonet.tools.filesystem.unreadable import Unreadable

KIND = "Keras model"
MEMBERS = ("config.json", "metadata.json")
_CONFIG_LIMIT = 16 << 20


def keras(archive: Archive) -> Described:
    """Describe a model.

    Raises:
        Unreadable: its configuration cannot be read.
    """
    config = _json(archive, "config.json")
    metadata, _ = flat(_json(archive, "metadata.json"))
    inner = _mapping(config.get("config"))
    layers = [_mapping(layer) for layer in _list(inner.get("layers"))]
    names = [shortened(str(layer.get("class_name", "?")), 100) for layer in layers]
    compiled, _ = flat(config.get("compile_config") or {})
    facts: Facts = {
        "format": "Keras 3",
        "object": shortened(f"{config.get('module') or ''}.{config.get('class_name') or '?'}".strip(".")),
        "layers": len(layers),
        "layers_by_class": counted(names),
        "values": {**metadata, **{f"compile.{name}": value for name, value in compiled.items()}},
        "code": any(name == "Lambda" for name in names),
    }
    lines = [
        f"Keras {metadata.get('keras_version', '')}: {facts['object']} of {len(layers)} layers.",
        *[f"  {_layer(layer)}" for layer in layers[:60]],
        *shown(dict(facts["values"]) if isinstance(facts["values"], dict) else {}),
    ]
    notes = ["A Lambda layer holds code that loading would run."] if facts["code"] else []
    return Described(KIND, lines, facts, notes=notes)


def _layer(layer: dict[str, Any]) -> str:
    config = _mapping(layer.get("config"))
    told = [(name, str(value)) for name, value in config.items() if not isinstance(value, dict)]
    kept = ", ".join(f"{name}={shortened(value, 40)}" for name, value in told[:8])
    return f"{shortened(str(layer.get('class_name', '?')), 60)}({kept})"


def _json(archive: Archive, name: str) -> dict[str, Any]:
    try:
        return _mapping(json.loads(archive.member(name, _CONFIG_LIMIT)))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"has a {name} that is not valid JSON") from error


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []

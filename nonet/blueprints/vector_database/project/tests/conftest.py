"""Small databases, built like the shipped one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vectordb import data, settings, stages
from vectordb.design import parse

ROWS, WIDTH = 600, 32
PAYLOADS = [{"year": 2000 + row % 20, "kind": "guide" if row % 3 else "note"} for row in range(ROWS)]
WORDS = ["river", "mountain", "engine", "letter", "garden", "copper", "signal", "winter", "harbour", "ladder"]
TEXTS = [
    {"id": f"t{row}", "text": f"{WORDS[row % 10]} {WORDS[(row // 10) % 10]} number {row} of the catalogue", "title": ""}
    for row in range(60)
]


def clustered() -> np.ndarray:
    random = np.random.default_rng(7)
    centres = random.normal(size=(20, WIDTH))
    return (centres[random.integers(0, 20, ROWS)] + 0.6 * random.normal(size=(ROWS, WIDTH))).astype(np.float32)


@pytest.fixture(scope="session")
def vectors() -> np.ndarray:
    return clustered()


def ship(root: Path, design: Mapping[str, Any], source: Path) -> settings.Settings:
    """Write a project's settings and build its index."""
    root.mkdir()
    (root / "settings.json").write_text(json.dumps({"design": dict(design)}), encoding="utf-8")
    parsed = parse(design)
    built: dict[str, Path] = {}
    for stage in stages.of(parsed):
        built[stage.name] = root / "artifacts" / stage.name
        built[stage.name].mkdir(parents=True)
        stages.build(stage.name, parsed, source, built, built[stage.name])
    return settings.load(root)


@pytest.fixture
def of_vectors(tmp_path: Path, vectors: np.ndarray) -> Callable[..., settings.Settings]:
    def make(metric: str = "cosine", scale: int = 0, **design: Any) -> settings.Settings:
        source = tmp_path / "data"
        source.mkdir()
        np.save(source / "vectors.npy", vectors)
        data.write_rows(source / "payloads.jsonl", PAYLOADS)
        data.write_meta(
            source, data.Meta(metric, "vectors", ROWS, scale, ("given",)), [str(row) for row in range(ROWS)]
        )
        return ship(tmp_path / "project", design, source)

    return make


@pytest.fixture
def of_texts(tmp_path: Path) -> Callable[..., settings.Settings]:
    def make(**design: Any) -> settings.Settings:
        source = tmp_path / "data"
        source.mkdir()
        data.write_rows(source / "texts.jsonl", TEXTS)
        meta = data.Meta("cosine", "texts", len(TEXTS), 0, ("wordllama",))
        data.write_meta(source, meta, [row["id"] for row in TEXTS])
        return ship(tmp_path / "project", {"embedding": "wordllama", **design}, source)

    return make

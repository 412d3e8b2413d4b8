"""Shorter vectors, by their algebra."""

from pathlib import Path

import numpy as np
import pytest

from rag import reduction, vectors
from rag.errors import SettingsError
from rag.reduction import Projection


def written(place: Path, full: np.ndarray) -> Path:
    place.mkdir()
    np.save(place / vectors.FILE, full.astype(np.float16))
    return place


def unit(full: np.ndarray) -> np.ndarray:
    return full / np.linalg.norm(full, axis=-1, keepdims=True)


def test_truncation_keeps_the_first_dimensions_at_unit_length(tmp_path: Path):
    full = unit(np.random.default_rng(1).normal(size=(50, 12)))
    reduction.build(written(tmp_path / "full", full), "truncate", 5, tmp_path)
    found = np.load(tmp_path / vectors.FILE)
    assert found.shape == (50, 5)
    np.testing.assert_allclose(found, unit(full[:, :5]), atol=2e-3)
    np.testing.assert_allclose(Projection(tmp_path, 5)(full[0].astype(np.float32)), unit(full[0, :5]), atol=1e-6)


@pytest.mark.parametrize(("seed", "count"), [(1, 200), (2, 30), (3, 9000)])
def test_components_are_those_of_the_singular_value_decomposition(seed: int, count: int):
    generator = np.random.default_rng(seed)
    full = (generator.normal(size=(count, 6)) * [9, 5, 3, 2, 1, 0.5] + generator.normal(size=6)).astype(np.float16)
    mean, components = reduction.principal(full, 4)
    centred = full.astype(np.float64) - full.astype(np.float64).mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:4].T
    np.testing.assert_allclose(mean, full.astype(np.float64).mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(np.abs((components * directions).sum(axis=0)), 1, atol=1e-4)
    assert (components[np.abs(components).argmax(axis=0), np.arange(4)] > 0).all()


def test_questions_are_projected_as_chunks_are(tmp_path: Path):
    full = unit(np.random.default_rng(4).normal(size=(300, 16)) * np.linspace(3, 0.1, 16) + 0.5)
    reduction.build(written(tmp_path / "full", full), "pca", 6, tmp_path)
    held, project = vectors.Vectors(tmp_path), Projection(tmp_path, 6)
    for chunk in (0, 17, 299):
        query = project(full[chunk].astype(np.float16).astype(np.float32))
        scores = held.scores(query)
        assert scores.argmax() == chunk
        assert scores[chunk] == pytest.approx(1, abs=2e-3)


def test_fewer_chunks_than_dimensions_leave_the_rest_empty(tmp_path: Path):
    full = unit(np.random.default_rng(6).normal(size=(3, 16)))
    reduction.build(written(tmp_path / "full", full), "pca", 8, tmp_path)
    found = np.load(tmp_path / vectors.FILE)
    assert found.shape == (3, 8)
    assert np.isfinite(found).all()
    assert not found[:, 2:].any()  # three points vary along two directions
    alone = tmp_path / "alone"
    alone.mkdir()
    reduction.build(written(tmp_path / "one", full[:1]), "pca", 8, alone)
    assert not np.load(alone / vectors.FILE).any()


@pytest.mark.parametrize("method", ["truncate", "pca"])
def test_more_dimensions_than_there_are_is_an_error(tmp_path: Path, method: str):
    full = written(tmp_path / "full", np.eye(4))
    with pytest.raises(SettingsError, match="dimensions is 4, the embedding has 4"):
        reduction.build(full, method, 4, tmp_path)

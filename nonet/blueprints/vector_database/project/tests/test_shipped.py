"""The index that ships opens and answers; skipped where none was built yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vectordb import settings, upkeep
from vectordb.engines import server_engine

PROJECT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not (PROJECT / "settings.json").exists(), reason="nothing ships yet")


@pytest.fixture(autouse=True)
def for_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(server_engine._state, "temporary", True)
    yield
    server_engine.leave()


def test_a_stored_row_is_found_by_its_own_vector():
    shipped = settings.load(PROJECT)
    database = settings.opened(shipped)
    stored = upkeep.stored(shipped)
    places = np.unique(np.linspace(0, len(stored.ids) - 1, 20).astype(int)).tolist()
    found = [set(database.search(10, vector=stored.vectors[place]).rows.tolist()) for place in places]
    equal = [set(np.flatnonzero((stored.vectors == stored.vectors[place]).all(axis=1)).tolist()) for place in places]
    assert sum(bool(near & same) for near, same in zip(found, equal, strict=True)) >= 0.8 * len(places)

"""Where the tests find the shipped model; without one, what concerns it is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def shipped() -> Path:
    """The folder of what ships."""
    folder = ROOT / "artifacts"
    if not (folder / "model" / "model.json").is_file():
        pytest.skip("this project ships no model: it is the template")
    return folder

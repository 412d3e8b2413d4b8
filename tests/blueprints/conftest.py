"""Leaves out the long tests of blueprints that are as they were when they last passed, and says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import unchanged

HERE = Path(__file__).parent
# What a blueprint's tests share lies beside them: a new folder needs no entry anywhere.
sys.path[:0] = [str(folder) for folder in sorted(HERE.iterdir()) if folder.is_dir()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is below the folder of an unchanged blueprint; ``test_projects.py`` keeps an eye on all of them."""
    if unchanged.wanted(config):
        return
    same = unchanged.unchanged()
    for item in items:
        inside = item.path.relative_to(HERE).parts if item.path.is_relative_to(HERE) else ()
        if inside and inside[0] in same:
            item.add_marker(pytest.mark.skip(reason=unchanged.reason(inside[0])))

"""Leaves out the long tests of blueprints that are as they were when they last passed, and says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import unchanged

from nonet import blueprints
from nonet.trials import environment

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


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Record the blueprints whose tests have just passed, where that was asked for."""
    config = session.config
    if not config.getoption("--record-blueprints") or hasattr(config, "workerinput") or exitstatus != 0:
        return
    home = Path(str(config.rootpath)) / ".pytest_cache" / "home"
    unchanged.record(
        {
            name: dict(environment.prepare(blueprints.load(name).folder / "project", home).packages)
            for name in blueprints.names()
            if unchanged.wanted(config) or name not in unchanged.unchanged()
        }
    )

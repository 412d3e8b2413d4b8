"""A prepared home, a table, and one undisturbed run that many tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest
import threshold_workflow
from threshold_workflow import BUDGET, new_home

import nonet
from nonet.runs.result import Run
from nonet.trials.environment import prepare


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home that has the threshold blueprint's environment."""
    home = tmp_path_factory.mktemp("prepared")
    prepare(threshold_workflow.BLUEPRINT.parent / "project", home)
    return home / "environments"


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return threshold_workflow.write_table(tmp_path_factory.mktemp("data") / "table.csv")


@pytest.fixture
def home(tmp_path: Path, environments: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, which is the working folder's too."""
    found = new_home(tmp_path / "home", environments)
    monkeypatch.setenv("NONET_HOME", str(found))
    monkeypatch.chdir(tmp_path)
    return found


@pytest.fixture
def settings(home: Path) -> nonet.Settings:
    """Settings for runs whose confinement does not matter."""
    return nonet.Settings(home=str(home), isolation="none")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, environments: Path, table: Path) -> Run:
    """A run that nothing disturbed. To be looked at; who changes it works on a copy."""
    folder = tmp_path_factory.mktemp("finished")
    settings = nonet.Settings(home=str(new_home(folder / "home", environments)))
    run = nonet.run(
        threshold_workflow.WORKFLOW, "Classify", table=table, budget=BUDGET, out=folder / "run", settings=settings
    )
    assert run.error is None
    assert run.decision is not None
    return run

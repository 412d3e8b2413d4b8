"""The command line in this process, in an empty working folder, with the threshold workflow among the others."""

from __future__ import annotations

from pathlib import Path

import pytest
import threshold_workflow
from commands import Command, Said

import nonet
from nonet.cli import main
from nonet.runs.result import Run
from nonet.trials.environment import prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home that has the environments of threshold and rag_system."""
    from nonet import blueprints

    home = tmp_path_factory.mktemp("prepared")
    prepare(threshold_workflow.BLUEPRINT.parent / "project", home)
    prepare(blueprints.load("rag_system").folder / "project", home)
    return home / "environments"


@pytest.fixture
def nonet_command(
    tmp_path: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Run one command and return what it said."""
    home = threshold_workflow.new_home(tmp_path / "home", prepared)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("NONET_HOME", str(home))
    monkeypatch.setenv("NONET_ISOLATION", "none")
    threshold_workflow.listed(monkeypatch.setattr)

    def command(*words: str) -> Said:
        capfd.readouterr()
        code = main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return command


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return threshold_workflow.write_table(tmp_path_factory.mktemp("data") / "table.csv")


@pytest.fixture(scope="session")
def decided(tmp_path_factory: pytest.TempPathFactory, prepared: Path, table: Path) -> Run:
    """A finished run with targets: one met, one missed."""
    folder = tmp_path_factory.mktemp("decided")
    home = threshold_workflow.new_home(folder / "home", prepared)
    return nonet.run(
        threshold_workflow.WORKFLOW,
        "Classify",
        table=table,
        budget="2 trials",
        target=["accuracy>=0.01", "operations<1"],
        out=folder / "run",
        settings=nonet.Settings(home=str(home), isolation="none"),
    )


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few documents, and files that cannot be read as such."""
    folder = tmp_path_factory.mktemp("documents") / "docs"
    folder.mkdir()
    subjects = ("valve", "pump", "filter", "sensor", "gasket", "rotor")
    for subject in subjects:
        sections = "\n\n".join(
            f"## How the {subject} is {verb}\n\nThe {subject} of the machine is {verb} by hand, {n} turns to the left, "
            f"before the {subjects[n % 6]} is touched. Never do it while the lamp is red."
            for n, verb in enumerate(("opened", "cleaned", "replaced", "tested", "stored"))
        )
        (folder / f"{subject}.md").write_text(f"# The {subject}\n\n{sections}\n")
    return folder

"""What holds for every test, and what tests of several rooms share."""

from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
import unchanged

from nonet.settings import Settings
from nonet.tools.contract import ToolContext

# How fast examples are drawn says something of the machine, not of Nonet.
hypothesis.settings.register_profile("nonet", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("nonet")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What ``tests/blueprints`` is asked; told here, since options must be known before folders are entered."""
    group = parser.getgroup("blueprints")
    group.addoption("--all-blueprints", action="store_true", help="run unchanged blueprints' tests too")
    group.addoption("--record-blueprints", action="store_true", help="record that those which were run have passed")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to record what was run in part."""
    if config.getoption("--record-blueprints") and not unchanged.runs_whole(config):
        raise pytest.UsageError("--record-blueprints needs all of tests/blueprints, without -k and -m.")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Record the blueprints whose tests have just passed, where that was asked for."""
    config = session.config
    if config.getoption("--record-blueprints") and not hasattr(config, "workerinput") and exitstatus == 0:
        unchanged.record_run(config)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    home = tmp_path / "home"
    monkeypatch.setenv("NONET_HOME", str(home))
    return Settings(home=str(home), offline=True)


@pytest.fixture
def context(settings: Settings) -> Callable[..., ToolContext]:
    def make(*roots: Path, **fields: object) -> ToolContext:
        return ToolContext(settings, roots, **fields)  # type: ignore[arg-type]

    return make

"""A prepared environment, the threshold blueprint, and laboratories on run folders that have data."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nonet.trials.confinement import available
from nonet.trials.contract import Unit
from nonet.trials.environment import Environment, prepare
from nonet.trials.laboratory import Laboratory
from nonet.trials.ledger import Ledger
from nonet.trials.worker import Limits

THRESHOLD = Path(__file__).resolve().parent.parent / "blueprints" / "threshold"


@pytest.fixture(scope="session")
def threshold() -> Any:
    """The module of the threshold blueprint."""
    spec = importlib.util.spec_from_file_location("threshold_blueprint", THRESHOLD / "blueprint.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The threshold project's environment; it has no dependencies, so that offline is enough."""
    return prepare(THRESHOLD / "project", tmp_path_factory.mktemp("home"), offline=True)


@pytest.fixture(scope="session")
def confined() -> None:
    """Skip, and say why, where the kernel cannot confine."""
    found = available()
    if not found.enforced:
        print(f"SKIPPED: no sandbox here: {found.kind}")
        pytest.skip(f"no sandbox here: {found.kind}")


@dataclass
class Bench:
    """A run folder with data, its laboratory, its units and its ledger."""

    laboratory: Laboratory
    units: list[Unit]
    folder: Path
    ledger: Ledger
    stop: threading.Event


@pytest.fixture
def bench(threshold: Any, environment: Environment, tmp_path: Path) -> Callable[..., Bench]:
    """Make benches; ``blueprint`` may be a changed copy of the blueprint's folder."""

    def make(
        name: str = "run", blueprint: Path = THRESHOLD, isolation: str = "auto", limits: Limits | None = None
    ) -> Bench:
        folder = tmp_path / name
        if not folder.exists():
            threshold.write_table(folder / "data" / "source" / "table.csv", rows=120)
        ledger, stop = Ledger(folder / "spent.jsonl"), threading.Event()
        laboratory = Laboratory(
            blueprint, environment, folder, limits or Limits(seconds=30, memory="1G"), ledger, stop, isolation
        )
        parsed, measuring = folder / "data" / "parsed", folder / "data" / "measuring"
        if not parsed.exists():
            laboratory.ingest({"label": "label"})
        units = list(threshold.blueprint.units(threshold.Inputs(table="x"), parsed, measuring).units)
        fit = [{"key": u.key, "features": dict(u.features), "label": u.label} for u in units[:40]]
        (measuring / "fit.jsonl").write_text("".join(json.dumps(row) + "\n" for row in fit))
        return Bench(laboratory, units[40:], folder, ledger, stop)

    return make


@pytest.fixture
def altered(tmp_path: Path) -> Callable[[str], Path]:
    """Make a copy of the threshold blueprint whose ``measure.py`` ends in the given code."""

    def make(code: str) -> Path:
        folder = tmp_path / f"blueprint-{len(list(tmp_path.glob('blueprint-*')))}"
        shutil.copytree(THRESHOLD, folder, ignore=shutil.ignore_patterns("__pycache__"))
        with (folder / "measure.py").open("a", encoding="utf-8") as file:
            file.write("\n\n" + code)
        return folder

    return make

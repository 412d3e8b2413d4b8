"""Every blueprint's project works in its own environment, without Nonet, and its baseline can be built and scored."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import unchanged

from nonet import blueprints
from nonet.state import Brief
from nonet.trials import environment, splits
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Split, UnitSet
from nonet.trials.evaluator import Evaluator, Scorer
from nonet.trials.laboratory import Laboratory
from nonet.trials.ledger import Ledger
from nonet.trials.worker import Limits

FEW = 8
"""Units that the one trial is scored on."""
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for each in pkgutil.walk_packages(package.__path__, name + "."):
        if not each.name.endswith("__main__"):
            importlib.import_module(each.name)
            print(each.name)
"""


class Project:
    """A copy of one blueprint's project, and the environment that was prepared for it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.blueprint: Blueprint[Any, Any] = blueprints.load(name)
        template = self.blueprint.folder / "project"
        self.environment = environment.prepare(template, folder / "home")
        ignored = shutil.ignore_patterns(".venv", "artifacts", ".cache", "__pycache__", "uv.lock")
        self.folder = Path(shutil.copytree(template, folder / "project", ignore=ignored))

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the environment's Python on the copy, no network settings and no Nonet on its path."""
        path = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(self.folder / "src")}
        command = [str(self.environment.python), *arguments]
        scrubbed = {**path, "HF_HUB_OFFLINE": "1"}
        return subprocess.run(
            command, cwd=self.folder, env=scrubbed, capture_output=True, text=True, timeout=600, check=False
        )


@pytest.fixture(scope="module", params=blueprints.names())
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp(request.param)
    yield Project(request.param, folder)
    shutil.rmtree(folder, ignore_errors=True)


def test_every_module_is_imported_without_nonet(project: Project):
    assert project.python("-c", "import nonet").returncode != 0
    packages = sorted(path.parent.name for path in (project.folder / "src").glob("*/__init__.py"))
    assert packages
    done = project.python("-c", IMPORT_ALL, *packages)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 3


def test_one_trial_is_built_and_scored(project: Project, tmp_path: Path):
    blueprint = project.blueprint
    goal, given, budget = blueprint.demo(tmp_path / "demo")
    brief = Brief.model_validate({"workflow": blueprint.name, "goal": goal, "inputs": given, "budget": budget})
    laboratory, units, split = _prepared(project, brief, tmp_path / "run")
    data = blueprint.fingerprint(tmp_path / "run" / "data" / "parsed", units)
    design = blueprint.propose(brief, blueprint.Inputs.model_validate(given), (), data).baseline.design
    chosen = split.selection[:FEW]
    outputs = laboratory.outputs(design, [units.units[place] for place in chosen])
    values = Evaluator(cast(Scorer, blueprint), units.units).values(outputs, chosen)
    assert len(outputs) == FEW
    assert {metric.name for metric in blueprint.metrics if metric.source == "score" and metric.mean} <= set(values)
    laboratory.close()


@pytest.mark.slow
def test_its_own_tests_pass(project: Project, request: pytest.FixtureRequest):
    name = project.blueprint.name
    if unchanged.recorded().get(name, {}).get("packages") == dict(project.environment.packages):
        unchanged.leave_out(name, request.config)
    done = project.python("-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("project", ["rag_system"], indirect=True)
def test_rag_indexes_its_own_sources_and_finds_a_module(project: Project):
    indexed = project.python("-m", "rag", "index", "--json")
    assert indexed.returncode == 0, indexed.stderr
    assert json.loads(indexed.stdout)["documents"] > 10
    found = project.python("-m", "rag", "search", "reciprocal rank fusion of two lists", "--k", "5", "--json")
    assert "rag/fusion.py" in json.loads(found.stdout)["docs"][:3], found.stderr


def _prepared(project: Project, brief: Brief, run: Path) -> tuple[Laboratory, UnitSet, Split]:
    """Do what a run's preparation does: copy the sources, parse them, make the units, hand over the fit rows."""
    blueprint = project.blueprint
    inputs = blueprint.Inputs.model_validate(brief.inputs)
    for file in blueprint.sources(inputs, ()).files:
        place = run / "data" / "source" / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.path, place)
    ledger = Ledger(run / "spent.jsonl")
    stop = threading.Event()
    laboratory = Laboratory(
        blueprint.folder, project.environment, run, Limits(), ledger, stop, reach=blueprint.access, offline=True
    )
    laboratory.ingest(inputs.model_dump(mode="json"))
    measuring = run / "data" / "measuring"
    measuring.mkdir()
    units = blueprint.units(inputs, run / "data" / "parsed", measuring)
    split = splits.split(units.units, blueprint.share_to_fit(brief, inputs), units.seal)
    if split.fit:
        rows = ({"key": u.key, "features": u.features, "label": u.label} for u in (units.units[i] for i in split.fit))
        (measuring / "fit.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return laboratory, units, split

"""The project that rag_system ships works in its own environment, without Nonet."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nonet.blueprints import rag_system
from nonet.trials import environment

PROJECT = Path(rag_system.__file__).parent / "project"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> environment.Environment:
    return environment.prepare(PROJECT, tmp_path_factory.mktemp("home"))


def python(prepared: environment.Environment, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the environment's Python on a copy of the project, no network settings and no Nonet on its path."""
    path = str(project / "src")
    scrubbed = {"PATH": os.environ["PATH"], "HOME": str(project), "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    command = [str(prepared.python), *arguments]
    return subprocess.run(command, cwd=project, env=scrubbed, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns(".venv", "artifacts", ".cache", "__pycache__", "uv.lock")
    return Path(shutil.copytree(PROJECT, tmp_path / "project", ignore=ignored))


def test_it_indexes_its_own_sources_and_finds_a_module(prepared: environment.Environment, project: Path):
    assert python(prepared, project, "-c", "import nonet").returncode != 0
    indexed = python(prepared, project, "-m", "rag", "index", "--json")
    assert indexed.returncode == 0, indexed.stderr
    assert json.loads(indexed.stdout)["documents"] > 10
    found = python(
        prepared, project, "-m", "rag", "search", "reciprocal rank fusion of two lists", "--k", "5", "--json"
    )
    assert "rag/fusion.py" in json.loads(found.stdout)["docs"][:3], found.stderr


@pytest.mark.slow
def test_its_own_tests_pass(prepared: environment.Environment, project: Path):
    done = python(prepared, project, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr

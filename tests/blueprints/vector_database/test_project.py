"""What the shipped project's own tests need a network and PostgreSQL for; its delivery, confined, leaves it out."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nonet.blueprints import vector_database
from nonet.trials import environment

PROJECT = Path(vector_database.__file__).parent / "project"


@pytest.mark.slow
def test_servers_and_every_metric_of_every_engine(tmp_path: Path):
    prepared = environment.prepare(PROJECT, tmp_path / "home")
    ignored = shutil.ignore_patterns(".venv", "artifacts", ".cache", "__pycache__", "uv.lock")
    project = Path(shutil.copytree(PROJECT, tmp_path / "project", ignore=ignored))
    scrubbed = {"PATH": os.environ["PATH"], "HOME": str(project), "PYTHONPATH": str(project / "src")}
    command = [str(prepared.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "slow"]
    done = subprocess.run(command, cwd=project, env=scrubbed, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

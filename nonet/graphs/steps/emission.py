"""Emitting a project: the blueprint's template, the winning settings, the built parts, the versions measured."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from nonet import uv
from nonet.errors import storage
from nonet.graphs.steps import question_model
from nonet.graphs.steps.desk import Desk
from nonet.state import Json
from nonet.trials import integrity
from nonet.trials.laboratory import Laboratory

ARTIFACTS = "artifacts"
TEST_SECONDS = 300.0
ACCOUNT = "account.json"
LONGEST_ACCOUNT = 16_000
"""Characters of an account at most: what a worker passes on of a program's output."""


def emit(desk: Desk, laboratory: Laboratory, design: Mapping[str, Json]) -> None:
    """Write the shipped project to ``project/`` of the run folder, aside and renamed into place.

    Where questions were hidden from the measuring copy, the parts that ship are built anew from the whole data.
    """
    target, aside = desk.folder / "project", desk.folder / "project.new"
    shutil.rmtree(aside, ignore_errors=True)
    template = desk.blueprint.folder / "project"
    ignored = shutil.ignore_patterns(*integrity.PASSING, ARTIFACTS, "*.pyc", "*.egg-info")
    with storage(aside, sum(path.stat().st_size for path in integrity.files(template))):
        shutil.copytree(template, aside, ignore=ignored)
        typed = desk.blueprint.Design.model_validate(dict(design))
        settings = desk.blueprint.settings(typed, desk.inputs)
        if asked := desk.blueprint.access(design).chat:
            settings["chat"] = question_model.endpoint(desk.settings, asked)
        text = json.dumps(settings, indent=2, ensure_ascii=False)
        (aside / "settings.json").write_text(text + "\n", encoding="utf-8")
        _pin(aside / "pyproject.toml", laboratory.environment.packages)
    shutil.rmtree(target, ignore_errors=True)
    aside.replace(target)
    data = "parsed" if desk.units.hidden else "measuring"
    whole = laboratory.with_project(target).on(desk.folder / "data" / data)
    whole.build(design)
    for stage, files in whole.artifacts(design).items():
        with storage(target, sum(path.stat().st_size for path in files.rglob("*") if path.is_file())):
            shutil.copytree(files, target / ARTIFACTS / stage, dirs_exist_ok=True)
            for path in (target / ARTIFACTS).rglob("*"):
                path.chmod(0o755 if path.is_dir() else 0o644)


def run_tests(desk: Desk, laboratory: Laboratory, design: Mapping[str, Json]) -> dict[str, Json]:
    """Run the shipped project's own tests in the blueprint's environment, confined like a trial of its design."""
    return laboratory.with_project(desk.folder / "project").tests(design, desk.blueprint.tests, TEST_SECONDS)


def account(desk: Desk, laboratory: Laboratory, design: Mapping[str, Json]) -> list[str]:
    """Ask the shipped project what it says of itself, into ``account.json``; return a note where it could not."""
    module = desk.blueprint.account
    if not module:
        return []
    shipped = laboratory.with_project(desk.folder / "project")
    done = shipped.tests(design, module, TEST_SECONDS, longest=LONGEST_ACCOUNT)
    try:
        said = json.loads(str(done["output_tail"]).strip().splitlines()[-1]) if done["passed"] else None
    except (ValueError, IndexError):
        said = None
    desk.write(ACCOUNT, {"said": said, "command": done["command"], "seconds": done["seconds"]})
    if said is not None:
        return []
    return [f"The shipped project could not give its account ({done['command']}): {str(done['output_tail'])[-300:]}"]


def extent(folder: Path) -> dict[str, Json]:
    """How many files a project has, and how many bytes."""
    sizes = [path.stat().st_size for path in integrity.files(folder)]
    return {"files": len(sizes), "bytes": sum(sizes)}


def _pin(path: Path, packages: Mapping[str, str]) -> None:
    """Constrain the project to the versions that were measured; a constraint names no index and no local path.

    It holds for the kind of machine that it was measured on: another kind may have no build of a version.
    """
    text = path.read_text(encoding="utf-8")
    own = re.search(r'^name\s*=\s*"([^"]+)"', text, re.M)
    measured = [(name, version) for name, version in sorted(packages.items()) if not own or name != own.group(1)]
    pins = [f'  "{name}=={version} ; {uv.machine()}",' for name, version in measured]
    constraint = "\n".join(["# The versions this system was measured with.", "constraint-dependencies = [", *pins, "]"])
    path.write_text(uv.configured(text, constraint), encoding="utf-8")

"""Which blueprints are as they were when all of their tests last passed, so that their long tests may be left out.

``passed.json`` beside this file says, for each blueprint, the hash of what its tests depend on: its folder, its graph,
its page and notebook, the shared steps, ``trials``, and the tests. ``pytest --record-blueprints`` writes it, only after
a run without a failure, and only of the blueprints whose tests were not left out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nonet import blueprints
from nonet.trials import environment, integrity

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("passed.json")
SHARED = ("nonet/trials", "nonet/graphs/steps", *(f"tests/blueprints/test_{what}.py" for what in ("projects", "pages")))


def state(name: str, root: Path = ROOT) -> str:
    """Return one hash of everything that a blueprint's tests depend on."""
    own = (f"nonet/blueprints/{name}", f"nonet/graphs/{name}.py", f"tests/blueprints/{name}")
    shown = (f"docs/{name}.md", f"notebooks/{name}.ipynb")
    hashes: dict[str, str] = {}
    for place in (*own, *shown, *SHARED):
        path = root / place
        if path.is_dir():
            hashes |= {f"{place}/{inside}": value for inside, value in integrity.file_hashes(path).items()}
        elif path.is_file():
            hashes[place] = integrity.file_hash(path)
    return integrity.combined(hashes)


def recorded(path: Path = RECORD) -> dict[str, dict[str, object]]:
    """Return blueprint → ``{"state", "packages"}`` of the last time all its tests passed; empty where never."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def unchanged() -> set[str]:
    """Return the blueprints whose state is the recorded one."""
    known = recorded()
    return {name for name in blueprints.names() if known.get(name, {}).get("state") == state(name)}


def wanted(config: pytest.Config) -> bool:
    """Whether the tests of unchanged blueprints are asked for too."""
    return bool(config.getoption("--all-blueprints"))


def reason(name: str) -> str:
    """Say why a test of a blueprint is left out."""
    return f"{name} is as it was when its tests last passed; all of them: pytest --all-blueprints"


def leave_out(name: str, config: pytest.Config) -> None:
    """Skip the test that calls this where the blueprint is unchanged and not all tests are asked for."""
    if not wanted(config) and name in unchanged():
        pytest.skip(reason(name))


def runs_whole(config: pytest.Config) -> bool:
    """Whether a run has every test of every blueprint before it."""
    here, option = Path(__file__).parent, config.option
    asked = [Path(config.invocation_params.dir, each).resolve() for each in config.args]
    in_part = option.keyword or option.markexpr or option.collectonly
    return any(each in (here, *here.parents) for each in asked) and not in_part


def record_run(config: pytest.Config) -> None:
    """Record the blueprints that a run without a failure did not leave out, with the packages they ran with."""
    home = Path(str(config.rootpath)) / ".pytest_cache" / "home"
    ran = [name for name in blueprints.names() if wanted(config) or name not in unchanged()]
    projects = {name: blueprints.load(name).folder / "project" for name in ran}
    record({name: dict(environment.prepare(project, home).packages) for name, project in projects.items()})


def record(packages: dict[str, dict[str, str]], to: Path = RECORD) -> None:
    """Write what has just passed, blueprint → versions of its environment's packages, beside what passed before."""
    rows = recorded(to) | {name: {"state": state(name), "packages": packages[name]} for name in packages}
    to.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")

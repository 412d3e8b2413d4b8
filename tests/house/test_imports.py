"""Imports flow one way, and the package's front door stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nonet

PACKAGE = Path(nonet.__file__).parent
ORDER = [
    "errors",
    "state",
    "settings",
    "configs",
    "providers",
    "tools",
    "trials",
    "agents",
    "blueprints",
    "graphs",
    "runs",
    "cli",
]
FORBIDDEN = {
    "providers": {"tools", "trials", "agents", "blueprints", "graphs", "runs", "cli"},
    "trials": {"providers", "tools", "agents", "blueprints", "graphs", "runs", "cli"},
    "tools": {"trials", "agents", "blueprints", "graphs", "runs", "cli"},
    "agents": {"trials", "blueprints", "graphs", "runs", "cli"},
    "blueprints": {"tools", "agents", "graphs", "runs", "cli"},
}


def imported(path: Path) -> set[str]:
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""] + [f"{node.module}.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("nonet.")}
    return rooms


def sources() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "project" not in path.relative_to(PACKAGE).parts]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_flow_one_way(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room not in ORDER or path.name == "measure.py":
        return
    allowed = set(ORDER[: ORDER.index(room) + 1]) - FORBIDDEN.get(room, set())
    assert imported(path) & set(ORDER) <= allowed


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("blueprints/*/project/**/*.py")), ids=str)
def test_a_shipped_project_knows_nothing_of_nonet(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not any(name.split(".")[0] == "nonet" for name in names)


def test_the_front_door_is_light() -> None:
    code = "import sys, nonet, nonet.cli, nonet.settings; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"langgraph", "langchain", "langchain_core", "numpy", "bm25s", "trafilatura", "griffe", "sandlock"}
    assert not heavy & set(loaded)


def test_help_needs_no_heavy_import() -> None:
    code = (
        "import sys\nfrom nonet.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('\\n', *sorted(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"langgraph", "langchain_core", "numpy"} & set(loaded)


def test_every_file_keeps_to_its_size() -> None:
    long = {
        str(p.relative_to(PACKAGE)): n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text().splitlines())) > 400
    }
    assert not long

"""What the documents show runs: Python and ``nonet`` fences on prepared documents, the rest against its own help."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "AGENTS.md")]
NONET = Path(sys.executable).parent / "nonet"
SECONDS = 240


def fences(language: str) -> list[str]:
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.M | re.S)
    return [match for path in DOCUMENTS for match in pattern.findall(path.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with documents in docs/, and a home of its own."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "docs").mkdir()
    for topic in ("archive", "billing", "calendar", "directory", "editor", "forum"):
        page = f"# The {topic} service\n\nIt keeps the {topic} data.\n\n## Configure the {topic} timeout\n\nSet it in seconds.\n"
        (folder / "docs" / f"{topic}.md").write_text(
            page + f"\n## Restore a {topic} backup\n\nStop the worker first.\n"
        )
    return folder


def environment(place: Path) -> dict[str, str]:
    return {**os.environ, "NONET_HOME": str(place / "home"), "PATH": f"{NONET.parent}:{os.environ['PATH']}"}


def run(command: list[str], place: Path) -> str:
    done = subprocess.run(
        command, cwd=place, env=environment(place), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_there_is_something_to_run() -> None:
    assert fences("python")
    assert fences("console")


@pytest.mark.parametrize("line", [line for fence in fences("console") for line in fence.splitlines() if line.strip()])
def test_a_command_runs(line: str, place: Path) -> None:
    words = shlex.split(line)
    assert words[0] == "nonet"
    assert run([str(NONET), *words[1:]], place).strip()


@pytest.mark.parametrize("fence", fences("python"))
def test_a_python_fence_runs(fence: str, place: Path) -> None:
    assert run([sys.executable, "-c", fence], place).splitlines()[-1] == "True"


def test_the_install_lines_are_those_of_ci() -> None:
    """The README's two commands are what continuous integration runs, and the demo's verb exists."""
    lines = [line for fence in fences("sh") for line in fence.splitlines()]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install uv && uv run pytest" in lines
    assert "pip install uv" in script
    assert re.search(r"^uv run pytest$", script, re.M)
    assert "pip install uv && uv run nonet demo" in lines
    assert "demo" in run([str(NONET), "--help"], ROOT)


def test_the_project_commands_exist() -> None:
    """Every ``rag`` verb that is shown is one of the shipped program's."""
    shown = set(re.findall(r"uv run rag (\w+)", "\n".join(fences("sh"))))
    program = (ROOT / "nonet/blueprints/rag_system/project/src/rag/cli.py").read_text(encoding="utf-8")
    assert shown
    assert all(f'"{verb}"' in program for verb in shown)


def test_the_studio_command_exists() -> None:
    help_text = run([str(NONET.parent / "langgraph"), "--help"], ROOT)
    assert "uv run langgraph dev" in "\n".join(fences("sh"))
    assert re.search(r"^\s+dev\b", help_text, re.M)


def test_the_tree_names_what_is_there() -> None:
    """Every path of the README's tree exists."""
    tree = next(block for block in re.findall(r"^```\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S))
    parents: list[str] = []
    for line in tree.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        parents[depth:] = [name.rstrip("/")]
        assert ROOT.joinpath(*parents).exists(), "/".join(parents)

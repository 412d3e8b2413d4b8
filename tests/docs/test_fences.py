"""Whatever README.md and ARCHITECTURE.md show is run, or held against what it speaks of.

Console and Python fences run in order, each kind in one session, in a folder that has ``docs/``; ``NONET_BUDGET`` makes
the default budget small. A line ending in ``# exit N`` must end so.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest
from pages import BIN, ROOT, fences, lines, typed, write_documents


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with documents in docs/."""
    folder = tmp_path_factory.mktemp("reader")
    write_documents(folder)
    return folder


@pytest.fixture(scope="module")
def environment(place: Path) -> dict[str, str]:
    return pages.environment(place / "home")


@pytest.fixture(scope="module")
def python(place: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The Python fences, as one program, run beside the commands."""
    (place / "fences.py").write_text("\n".join(fence.text for fence in fences("python")), encoding="utf-8")
    command = [sys.executable, "fences.py"]
    process = subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_every_command_does_what_its_page_says(
    python: subprocess.Popen[str], place: Path, environment: dict[str, str]
) -> None:
    assert any(line.startswith("nonet run ") for line in lines("console"))
    for line in lines("console"):
        typed(line, place, environment)


@pytest.mark.slow
def test_the_python_runs(python: subprocess.Popen[str]) -> None:
    output, _ = python.communicate(timeout=300)
    assert python.returncode == 0, output[-3000:]


def test_what_a_newcomer_runs_is_what_is_checked() -> None:
    checked = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (shown,) = [line.partition("#")[0].strip() for line in lines("sh") if "uv run pytest" in line]
    assert all(command in checked for command in shown.split(" && "))


def test_extras_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"pip install 'nonet\[(\w+)\]'", "\n".join(lines("sh")))
    assert named
    assert set(named) <= set(project["optional-dependencies"])


@pytest.mark.parametrize("line", [line for line in lines("sh") if "langgraph" in line or "evals/" in line])
def test_servers_and_measurements_know_the_options_shown(line: str) -> None:
    words = line.partition("#")[0].removeprefix("uv run ").split()
    options = [word for word in words if word.startswith("--")]
    command = [str(BIN / words[0]), words[1], "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(option in text for option in options)


def test_the_tree_names_what_is_there() -> None:
    (tree,) = [fence.text for fence in fences("") if "nonet/  " in fence.text and fence.page == "README.md"]
    parents: list[str] = []
    for line in tree.splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        parents = [*parents[:depth], name]
        assert (ROOT / "".join(parents)).exists(), line
        assert len(line.split()) > 2, f"{name} has no caption"
    rooms = [path for path in (ROOT / "nonet").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert all(f"  {room.name}/ " in tree for room in rooms)


def test_exit_codes_are_those_of_the_errors() -> None:
    from nonet import errors

    table = set(re.findall(r"^\| (\d) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.M))
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, errors.NonetError)]
    assert {str(kind.exit_code) for kind in kinds} | {"0", "3"} == table


def test_the_json_keys_are_those_of_a_run() -> None:
    from nonet.errors import InputError
    from nonet.runs.result import failure

    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for key in failure(InputError("Nothing.")):
        assert key == "schema" or re.search(rf"\b{key}\b", text), key


def test_every_core_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in project["dependencies"]}
    section = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Core dependencies")[2]
    rows = re.findall(r"^\| ([\w, -]+) \| .+ \|$", section, re.M)
    assert {name for row in rows[1:] if "---" not in row for name in row.split(", ")} == needed

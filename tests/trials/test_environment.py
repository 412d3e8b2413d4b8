"""Environments are prepared once, by however many processes, and offline errors say what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nonet.errors import PreparationError
from nonet.trials.environment import Environment, allowed, prepare

PYPROJECT = """\
[project]
name = "small"
version = "0"
requires-python = ">=3.11"
dependencies = [{}]

[tool.uv]
package = false
"""


def project(folder: Path, dependencies: str = "") -> Path:
    path = folder / "small" / "project"
    path.mkdir(parents=True, exist_ok=True)
    (path / "pyproject.toml").write_text(PYPROJECT.format(dependencies))
    return path


def test_two_processes_at_once_both_succeed(tmp_path: Path) -> None:
    source, home = project(tmp_path), tmp_path / "home"
    program = (
        "from pathlib import Path; from nonet.trials.environment import prepare\n"
        f"print(prepare(Path({str(source)!r}), Path({str(home)!r}), True).key)"
    )
    both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(2)]
    keys = {process.communicate(timeout=60)[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(keys) == 1
    environment = prepare(source, home, offline=True)
    assert subprocess.run([environment.python, "-c", "print(1)"], check=True, capture_output=True).stdout == b"1\n"
    assert sorted(path.name for path in source.iterdir()) == ["pyproject.toml"]


def test_what_another_machine_would_need_is_not_asked_for(tmp_path: Path) -> None:
    elsewhere = "win32" if sys.platform != "win32" else "linux"
    source = project(tmp_path, f""""no-such-package-anywhere>=1; sys_platform == '{elsewhere}'" """)
    assert prepare(source, tmp_path / "home", offline=True).packages == {}


def test_a_preparation_that_was_killed_is_done_again(tmp_path: Path) -> None:
    source, home = project(tmp_path), tmp_path / "home"
    first = prepare(source, home, offline=True)
    (first.folder / "environment.json").unlink()
    (first.folder / "venv" / "pyvenv.cfg").write_text("torn")
    assert prepare(source, home, offline=True) == first
    assert subprocess.run([first.python, "-c", ""], check=True).returncode == 0


def test_a_group_is_installed_beside_the_rest_in_a_folder_of_its_own(tmp_path: Path) -> None:
    source, home = project(tmp_path), tmp_path / "home"
    text = (source / "pyproject.toml").read_text() + "\n[dependency-groups]\nheavy = []\n"
    (source / "pyproject.toml").write_text(text)
    plain, heavy = prepare(source, home, offline=True), prepare(source, home, offline=True, groups=("heavy",))
    assert plain.folder != heavy.folder
    with pytest.raises(PreparationError):
        prepare(source, home, offline=True, groups=("none",))


def test_what_is_asked_for_decides_the_folder(tmp_path: Path) -> None:
    one = prepare(project(tmp_path / "a"), tmp_path / "home", offline=True)
    (project(tmp_path / "b") / "pyproject.toml").write_text(PYPROJECT.format("") + "# other\n")
    two = prepare(tmp_path / "b" / "small" / "project", tmp_path / "home", offline=True)
    assert one.folder != two.folder
    assert one.folder.parent == two.folder.parent == tmp_path / "home" / "environments"


def test_offline_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    source = project(tmp_path, '"a-package-that-is-nowhere>=1"')
    with pytest.raises(PreparationError, match=r"a-package-that-is-nowhere.*nonet prepare small"):
        prepare(source, tmp_path / "home", offline=True)


def test_preparing_sees_uv_proxies_and_certificates_only() -> None:
    given = {
        "UV_FIND_LINKS": "1", "UV_NO_SOURCES_PACKAGE": "1", "UV_INDEX_MINE_PASSWORD": "1", "HTTPS_PROXY": "1",
        "SSL_CERT_FILE": "1", "PATH": "1", "HOME": "1",
    }  # fmt: skip
    kept_out = {
        "OPENAI_API_KEY": "1", "VIRTUAL_ENV": "1", "PYTHONPATH": "1", "PIP_INDEX_URL": "1", "UV_PUBLISH_TOKEN": "1",
        "UV_PROJECT_ENVIRONMENT": "1", "UV_LINK_MODE": "symlink",
    }  # fmt: skip
    assert allowed(given | kept_out) == given


def test_the_environment_knows_what_is_installed(environment: Environment) -> None:
    assert environment.packages == {}
    assert environment.base.is_dir()
    assert environment.python.is_relative_to(environment.folder)

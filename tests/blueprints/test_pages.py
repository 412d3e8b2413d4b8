"""Each workflow has a page, and what it shows is run, or held against what it speaks of.

A workflow's tests may keep ``page_files.py``, whose ``write(folder)`` writes the files that the page's commands name.
Commands of workflows that are as they were when their tests last passed are left out, like those tests.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pages
import pytest
import unchanged

from nonet import blueprints


@pytest.mark.slow
@pytest.mark.parametrize("name", blueprints.names())
def test_every_command_does_what_its_page_says(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    unchanged.leave_out(name, request.config)
    pages.write_documents(tmp_path)
    files = pages.ROOT / "tests" / "blueprints" / name / "page_files.py"
    if files.is_file():
        _module(files).write(tmp_path)
    shown = pages.lines("console", f"docs/{name}.md")
    assert any(line.startswith(f"nonet run {name} ") for line in shown)
    for line in shown:
        pages.typed(line, tmp_path, pages.environment(tmp_path / "home"))


@pytest.mark.parametrize("name", blueprints.names())
def test_verbs_of_a_shipped_program_are_its_own(name: str) -> None:
    project = blueprints.load(name).folder / "project"
    (program,) = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    text = (pages.ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    shown = set(re.findall(rf"(?:`|uv run ){program} (\w+)", text))
    command_line = next((project / "src").glob("*/cli.py")).read_text(encoding="utf-8")
    assert len(shown) >= 2, shown
    assert all(f'"{verb}"' in command_line for verb in shown), shown


@pytest.mark.parametrize("line", pages.lines("sh", *pages.WORKFLOWS))
def test_measurements_know_the_options_shown(line: str) -> None:
    words = line.partition("#")[0].removeprefix("uv run ").split()
    program = next(place for place, word in enumerate(words) if word.startswith("evals/"))
    options = [word for word in words[program:] if word.startswith("--")]
    command = [str(pages.BIN / "python"), words[program], "--help"]
    said = subprocess.run(command, cwd=pages.ROOT, capture_output=True, text=True, check=True).stdout
    assert all(option in said for option in options)


def test_every_workflow_has_a_page_that_the_readme_leads_to() -> None:
    readme = (pages.ROOT / "README.md").read_text(encoding="utf-8")
    assert [Path(page).stem for page in pages.WORKFLOWS] == blueprints.names()
    assert all(f"[`{name}`](docs/{name}.md)" in readme for name in blueprints.names())


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

"""Semgrep for the tests: its environment is built once a session, out of uv's cache where it has it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.semgrep import program


@cache
def _home(folder: str) -> str:
    program.prepare(Settings(home=folder))
    return folder


def context(factory, *roots: Path, **fields: object) -> ToolContext:
    """Return a context whose home has Semgrep."""
    home = _home(str(factory.getbasetemp() / "semgrep-home"))
    return ToolContext(Settings(home=home, offline=True), roots, **fields)  # type: ignore[arg-type]

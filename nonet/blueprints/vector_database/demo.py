"""Texts that every machine has: what the functions and classes of the installed Python say of themselves."""

from __future__ import annotations

import ast
import json
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from nonet.errors import InputError, storage
from nonet.state import Json

GOAL = "Semantic search over the documentation of Python's standard library, hybrid with BM25"
BUDGET = "120s"
TEXTS = 600
_FEWEST_WORDS = 25
_LONGEST = 60
"""Words of a text that are kept."""


def write(folder: Path) -> tuple[str, dict[str, Json], str]:
    """Write docstrings of the standard library as texts, and what module and kind they are as payloads.

    Raises:
        InputError: the sources of the standard library are not installed.
    """
    library = Path(sysconfig.get_path("stdlib"))
    rows: list[dict[str, Json]] = []
    payloads: list[dict[str, Json]] = []
    for path in sorted(library.rglob("*.py")):
        name = path.relative_to(library)
        if {"test", "tests", "site-packages", "idlelib", "lib2to3", "__pycache__"} & set(name.parts):
            continue
        for identifier, kind, line, text in _documented(path):
            rows.append({"id": f"{name.with_suffix('').as_posix().replace('/', '.')}.{identifier}", "text": text})
            payloads.append({"package": name.parts[0].removesuffix(".py"), "kind": kind, "line": line})
    unique = {str(row["id"]): (row, payload) for row, payload in zip(rows, payloads, strict=True)}
    if len(unique) < 200:
        raise InputError(
            "The sources of the standard library are not installed.", "Give texts of your own: --texts FILE."
        )
    step = max(1, len(unique) // TEXTS)
    chosen = list(unique.values())[::step][:TEXTS]
    texts, given = folder / "texts.jsonl", folder / "payloads.jsonl"
    with storage(texts):
        folder.mkdir(parents=True, exist_ok=True)
        texts.write_text("".join(json.dumps(row) + "\n" for row, _ in chosen), encoding="utf-8")
        given.write_text("".join(json.dumps(payload) + "\n" for _, payload in chosen), encoding="utf-8")
    return GOAL, {"texts": str(texts), "payloads": str(given)}, BUDGET


def _documented(path: Path) -> Iterator[tuple[str, str, int, str]]:
    """Yield (name, kind, line, text) of the public definitions of a module that have more than a line to say."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            words = (ast.get_docstring(node) or "").split()
            if len(words) >= _FEWEST_WORDS:
                kind = "class" if isinstance(node, ast.ClassDef) else "function"
                yield node.name, kind, node.lineno, " ".join(words[:_LONGEST])

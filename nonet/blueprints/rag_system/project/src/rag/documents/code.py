"""Source code: Python gives its docstrings, read statically; other languages are taken as text."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath

from rag.documents.model import Document, Section

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def parse(name: str, text: str) -> Document:
    """Sections are docstrings under their qualified names; a file without any is taken as text."""
    path = PurePosixPath(name)
    sections = docstrings(path.stem, text) if path.suffix in {".py", ".pyi"} else ()
    return Document(name, path.name, sections or (Section("", 0, text.strip()),), "code")


def docstrings(module: str, text: str) -> tuple[Section, ...]:
    """Return a section for each docstring; none when the file does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in the user's file is not ours to report
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    own = ast.get_docstring(tree)
    first = (Section(module, 1, own),) if own and own.strip() else ()
    return (*first, *_walk(tree, module, 2))


def _walk(node: ast.AST, prefix: str, level: int) -> Iterator[Section]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            qualified = f"{prefix}.{child.name}"
            text = ast.get_docstring(child)
            if text and text.strip():
                yield Section(qualified, min(level, 6), text)
            yield from _walk(child, qualified, level + 1)
        else:
            yield from _walk(child, prefix, level)

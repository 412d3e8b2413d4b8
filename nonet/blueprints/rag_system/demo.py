"""Documents that every machine has: the documentation of the libraries installed beside Nonet, read statically."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import metadata
from itertools import chain, zip_longest
from pathlib import Path, PurePosixPath

from nonet.errors import InputError, storage
from nonet.state import Json

GOAL = "Answer questions over the documentation of the installed Python libraries"
BUDGET = "90s"
PASSAGES = 320
"""Passages of 120 words to write: few enough to embed several times within the budget (1,500 would be the most)."""
_PASSAGE_WORDS = 120
_LONGEST_PAGE = 12
_SHORTEST_PAGE = 60
_NOT_DOCUMENTATION = re.compile(r"(^|/)(tests?|testing|_vendor\w*|vendor|third_party|conftest\.py|_[a-z][^/]*)(/|$)")


def write(folder: Path) -> tuple[str, dict[str, Json], str]:
    """Write one Markdown file a module and one file a README; return goal, inputs and budget.

    Which ones: a README and the outermost documented modules of every distribution that Nonet depends on, in turns.

    Raises:
        InputError: no documentation is installed (optimised bytecode only, for instance).
    """
    corpus = folder / "documentation"
    passages = 0
    by_distribution = [pages(distribution) for distribution in distributions()]
    for name, text in filter(None, chain.from_iterable(zip_longest(*by_distribution))):
        size = -(-len(text.split()) // _PASSAGE_WORDS)
        if size > _LONGEST_PAGE or passages + size > PASSAGES:
            continue
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with storage(path, len(text)):
            path.write_text(text, encoding="utf-8")
        passages += size
        if passages > PASSAGES - 2:
            break
    if not passages:
        raise InputError("No installed library has documentation to read.", "Give your own: --corpus FOLDER.")
    return GOAL, {"corpus": str(corpus)}, BUDGET


def distributions() -> list[metadata.Distribution]:
    """Return the distributions that Nonet needs, directly or not, that are installed; sorted by name."""
    installed = {_normal(each.metadata["Name"]): each for each in metadata.distributions() if each.metadata["Name"]}
    wanted: set[str] = set()
    waiting = ["nonet"]
    while waiting:
        name = waiting.pop()
        if name not in installed or name in wanted:
            continue
        wanted.add(name)
        needed = [text for text in installed[name].requires or () if "extra ==" not in text.replace('"', "'")]
        waiting += [_normal(re.split(r"[^\w.-]", text.strip(), maxsplit=1)[0]) for text in needed]
    return [installed[name] for name in sorted(wanted - {"nonet"} or installed.keys() - {"nonet"})]


def pages(distribution: metadata.Distribution) -> Iterator[tuple[str, str]]:
    """Yield (file name, text) of a distribution: its README, then its documented modules, outermost first."""
    name = _normal(distribution.metadata["Name"])
    readme = _readme(distribution)
    if readme:
        yield f"{name}/{readme[0]}", readme[1]
    files = [PurePosixPath(file) for file in distribution.files or () if file.suffix == ".py"]
    inside = [file for file in files if ".." not in file.parts and not _NOT_DOCUMENTATION.search(file.as_posix())]
    for file in sorted(inside, key=lambda file: (len(file.parts), file.as_posix())):
        text = _module(Path(str(distribution.locate_file(file))), file)
        if text:
            yield f"{name}/{'.'.join(_dotted(file))}.md", text


def _readme(distribution: metadata.Distribution) -> tuple[str, str] | None:
    body = distribution.metadata.get_payload()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
    text = body.strip() if isinstance(body, str) else ""
    if len(text.split()) < _SHORTEST_PAGE:
        return None
    kind = distribution.metadata["Description-Content-Type"] or ""
    return ("README.md" if kind.startswith("text/markdown") else "README.rst"), text + "\n"


def _module(path: Path, file: PurePosixPath) -> str:
    """A module as a page: a section for each public definition, headed by its docstring's first line."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return ""
    dotted = ".".join(_dotted(file))
    sections = [_section(name, docstring) for name, docstring in _documented(tree, dotted)]
    about = inspect.cleandoc(ast.get_docstring(tree) or "")
    text = "\n".join((f"# {dotted}\n", about, *sections)).rstrip() + "\n"
    return text if sections and len(text.split()) >= _SHORTEST_PAGE else ""


def _section(name: str, docstring: str) -> str:
    summary, _, rest = docstring.partition("\n\n")
    summary = " ".join(summary.split()).rstrip(".")
    if not rest.strip() or len(summary.split()) > 12:
        return f"\n## `{name}`\n\n{docstring}\n"
    return f"\n## {summary}\n\n`{name}`\n\n{rest.strip()}\n"


def _documented(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, str]]:
    for child in node.body:
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or child.name.startswith("_"):
            continue
        name = f"{prefix}.{child.name}"
        docstring = ast.get_docstring(child)
        if docstring and docstring.strip():
            yield name, docstring.strip()
        if isinstance(child, ast.ClassDef):
            yield from _documented(child, name)


def _dotted(file: PurePosixPath) -> tuple[str, ...]:
    parts = file.with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

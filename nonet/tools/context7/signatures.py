"""The public functions, classes and methods of a module, read statically by griffe: nothing is imported.

What was read is kept in ``HOME/cache/context7``, by library, version and the source's hash.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from nonet.errors import storage
from nonet.state import Scalar
from nonet.tools.context7.installed import Library, canonical
from nonet.tools.contract import ToolContext

if TYPE_CHECKING:
    import griffe

DOCSTRING_LIMIT = 3000
_FORMAT = "1"


class Symbol(BaseModel):
    """A function, class or method; ``file`` is its path within the site folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    signature: str
    docstring: str
    defaults: dict[str, Scalar]
    file: str
    line: int

    @property
    def searchable(self) -> str:
        """The text that is ranked: the name counts twice."""
        return f"{self.name} {self.name}\n{self.signature}\n{self.docstring}"


_SYMBOLS = TypeAdapter(list[Symbol])


def symbols(library: Library, path: str, source: bytes, context: ToolContext) -> list[Symbol]:
    """Return the symbols of one module of a library."""
    digest = hashlib.blake2b(f"{_FORMAT}\0{path}\0".encode() + source, digest_size=12).hexdigest()
    folder = context.settings.home_path / "cache" / "context7" / f"{canonical(library.name)}-{library.version}"
    kept = folder / f"{digest}.json"
    try:
        return _SYMBOLS.validate_json(kept.read_bytes())
    except (OSError, ValidationError):
        pass  # not kept yet, or torn: read the source
    found = list(_read(path, source))
    _keep(kept, found)
    return found


def _keep(path: Path, found: list[Symbol]) -> None:
    content = json.dumps([symbol.model_dump(mode="json") for symbol in found], ensure_ascii=False)
    with storage(path, len(content)):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            aside.write_text(content, encoding="utf-8")
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def _read(path: str, source: bytes) -> Iterator[Symbol]:
    import griffe

    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    try:
        module = griffe.visit(name, Path(path), source.decode("utf-8-sig"))
    except (SyntaxError, ValueError, RecursionError):
        return  # another Python's syntax or a broken file: nothing to say about it
    yield from _members(module, name, path)


def _members(parent: griffe.Module | griffe.Class, prefix: str, path: str) -> Iterator[Symbol]:
    for name, member in parent.members.items():
        if member.is_alias or (name.startswith("_") and name != "__init__"):
            continue
        if member.is_function:
            yield _symbol(member, f"{prefix}.{name}", path)  # pyright: ignore[reportArgumentType]
        elif member.is_class:
            yield _symbol(member, f"{prefix}.{name}", path)  # pyright: ignore[reportArgumentType]
            yield from _members(member, f"{prefix}.{name}", path)  # pyright: ignore[reportArgumentType]


def _symbol(member: griffe.Function | griffe.Class, name: str, path: str) -> Symbol:
    docstring = member.docstring.value if member.docstring else ""
    return Symbol(
        name=name,
        signature=_signature(member, name),
        docstring=docstring[:DOCSTRING_LIMIT],
        defaults=_defaults(member),
        file=path,
        line=member.lineno or 1,
    )


def _signature(member: griffe.Function | griffe.Class, name: str) -> str:
    short = name.rsplit(".", 1)[-1]
    shown = [_parameter(parameter) for parameter in member.parameters]
    kind = "def" if member.is_function else "class"
    returns: object = getattr(member, "returns", None)
    arrow = "" if returns is None else f" -> {returns}"
    return f"{kind} {short}({', '.join(shown)}){arrow}"


def _parameter(parameter: griffe.Parameter) -> str:
    stars = {"variadic positional": "*", "variadic keyword": "**"}.get(_kind(parameter), "")
    text = f"{stars}{parameter.name}"
    if parameter.annotation is not None:
        text += f": {parameter.annotation}"
    if parameter.default is not None and not stars:
        text += f" = {parameter.default}"
    return text


def _kind(parameter: griffe.Parameter) -> str:
    return parameter.kind.value if parameter.kind is not None else ""


def _defaults(member: griffe.Function | griffe.Class) -> dict[str, Scalar]:
    """Return the defaults of a signature: values where they are literals, else their source text."""
    return {
        parameter.name: _literal(str(parameter.default))
        for parameter in member.parameters
        if parameter.default is not None and not _kind(parameter).startswith("variadic")
    }


def _literal(source: str) -> Scalar:
    try:
        value: object = ast.literal_eval(source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return source
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return source

"""Docstrings that a library gives its compiled parts by calls: ``add_newdoc("numpy._core", "arange", '''…''')``.

NumPy and SciPy keep those of their C functions so; a call's arguments are literals and are read as such.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from nonet.tools.context7.signatures import Symbol

MARK = b"add_newdoc("


def read_calls(name: str, source: bytes) -> Iterator[Symbol]:
    """Yield what the calls at the top level of a module describe; ``name`` is the module's, dotted."""
    if MARK not in source:
        return
    for statement in ast.parse(source).body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id="add_newdoc")) as call):
                yield from _symbols(name.rpartition(".")[0], call)
            case _:
                continue


def _symbols(package: str, call: ast.Call) -> Iterator[Symbol]:
    match _literals(call):
        case [str(place), str(owner), str(doc), *_] | [str(place), str(owner), [str(doc)]]:
            yield _symbol(place, owner, doc, call.lineno)
        case [str(place), str(owner), (str(member), str(doc))]:
            yield _symbol(place, f"{owner}.{member}", doc, call.lineno)
        case [str(owner), str(doc)]:
            yield _symbol(package, owner, doc, call.lineno)
        case _:
            return


def _literals(call: ast.Call) -> list[object]:
    try:
        return [ast.literal_eval(argument) for argument in call.args]
    except ValueError:
        return []


def _symbol(place: str, name: str, doc: str, line: int) -> Symbol:
    """NumPy writes the signature of a C function as the first line of its docstring."""
    said = inspect.cleandoc(doc)
    own = name.rpartition(".")[2]
    first, _, rest = said.partition("\n")
    if first.startswith(f"{own}("):
        said = rest.strip().removeprefix("--").strip()
        return Symbol(f"{place}.{name}", place, "function", f"def {first}", said, {}, line)
    kind = "attribute" if "." in name else "class"
    return Symbol(f"{place}.{name}", place, kind, own, said, {}, line)

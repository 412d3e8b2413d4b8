"""The public functions, classes, methods and properties of a module, read statically by griffe: nothing is imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.state import Scalar
from nonet.tools.context7.writing import call, defaults, literal, parameters, short

if TYPE_CHECKING:
    import griffe

FIELD_LIMIT = 60
DOCSTRING_LIMIT = 40_000


@dataclass(frozen=True)
class Symbol:
    """What a module defines.

    Attributes:
        name: where it is defined, as ``package.module.Class.method``.
        module: the module it is defined in.
        kind: ``class``, ``function``, ``method``, ``property`` or ``attribute``.
        signature: as one would write it, overloads and the fields of a class included.
        docstring: in full.
        defaults: the defaults of its parameters, for a class also those of its fields.
        line: where it begins, counted from 1.
    """

    name: str
    module: str
    kind: str
    signature: str
    docstring: str
    defaults: dict[str, Scalar]
    line: int


@dataclass(frozen=True)
class Module:
    """What one source file holds.

    Attributes:
        name: dotted.
        symbols: what it defines.
        exports: (name it offers, dotted name of what that is) of each re-export; ``*`` stands for all of a module.
        listed: its ``__all__``, ``None`` where it has none.
    """

    name: str
    symbols: Sequence[Symbol] = ()
    exports: Sequence[tuple[str, str]] = ()
    listed: Sequence[str] | None = None


def read(path: str, source: bytes) -> Module:
    """Read one module; a broken file, or one of another Python's syntax, holds nothing.

    Args:
        path: its path within the site folder.
        source: its content.
    """
    import griffe

    name = module_name(path)
    try:
        # griffe warns of what it cannot resolve, on the user's terminal; what it cannot read is left out either way.
        with griffe.logger.disable():
            module = griffe.visit(name.rpartition(".")[2], Path(path), source.decode("utf-8-sig"), parent=_parent(path))
        listed = _listed(module)
        return Module(name, list(_members(module, name, name)), list(_exports(module, name, listed)), listed)
    except (SyntaxError, ValueError, RecursionError):
        return Module(name)


def _parent(path: str) -> griffe.Module | None:
    """Return the packages around a module, which relative imports are read by."""
    import griffe

    parent: griffe.Module | None = None
    for part in module_name(path).split(".")[:-1]:
        folder = f"{parent.path.replace('.', '/')}/{part}" if parent else part
        parent = griffe.Module(part, filepath=Path(folder, "__init__.py"), parent=parent)
    return parent


def _listed(module: griffe.Module) -> list[str] | None:
    """Return ``__all__`` where it is written out; one that is computed says nothing."""
    names = [each for each in module.exports or () if isinstance(each, str) and each != "__all__"]
    return names if names and len(names) == len(module.exports or ()) else None


def module_name(path: str) -> str:
    """Return the dotted name of a source's path within the site folder."""
    return path.removesuffix(".pyi").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _exports(module: griffe.Module, name: str, listed: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """Yield what a module passes on from its own package: of an ``__init__`` all it imports, else what it lists."""
    import griffe

    package = name.partition(".")[0]
    for offered, member in module.members.items():
        if not isinstance(member, griffe.Alias) or not member.target_path.startswith(f"{package}."):
            continue
        if member.wildcard:
            yield "*", member.target_path
        elif offered in listed if listed is not None else module.is_init_module and not offered.startswith("_"):
            yield offered, member.target_path


def _members(parent: griffe.Module | griffe.Class, prefix: str, module: str) -> Iterator[Symbol]:
    import griffe

    for name, member in parent.members.items():
        where = f"{prefix}.{name}"
        if name.startswith("_"):
            continue
        if isinstance(member, griffe.Function):
            yield _function(member, member.overloads or (), where, module)
        elif isinstance(member, griffe.Class):
            yield _class(member, where, module)
            yield from _members(member, where, module)
        elif isinstance(member, griffe.Attribute) and "property" in member.labels:
            yield _property(member, where, module)
        elif isinstance(member, griffe.Attribute) and member.docstring:
            yield Symbol(where, module, "attribute", _field(member), _docstring(member), {}, member.lineno or 1)
    for name, overloads in parent.overloads.items():
        if overloads and name not in parent.members and not name.startswith("_"):  # a stub has no implementation
            yield _function(overloads[0], overloads, f"{prefix}.{name}", module)


def _function(member: griffe.Function, overloads: Sequence[griffe.Function], name: str, module: str) -> Symbol:
    signature = "\n".join(_signature(each) for each in overloads or (member,))
    kind = "method" if member.parent is not None and member.parent.is_class else "function"
    return Symbol(name, module, kind, signature, _docstring(member), defaults(member), member.lineno or 1)


def _signature(member: griffe.Function) -> str:
    decorator = "".join(f"@{kind}\n" for kind in ("classmethod", "staticmethod") if kind in member.labels)
    begin = "async def" if "async" in member.labels else "def"
    arrow = "" if member.returns is None else f" -> {member.returns}"
    return f"{decorator}{call(f'{begin} {member.name}', parameters(member))}{arrow}"


def _class(member: griffe.Class, name: str, module: str) -> Symbol:
    """Describe a class with what its ``__init__`` takes and says."""
    import griffe

    lines = [call(f"class {member.name}", parameters(member))]
    bases = [str(base) for base in member.bases]
    if bases:
        lines.append(f"    # bases: {', '.join(bases)}")
    fields = _fields(member)
    lines += [f"    {_field(each)}" for each in fields[:FIELD_LIMIT]]
    values = {each.name: literal(str(each.value)) for each in fields if each.value is not None}
    functions = [each for each, found in member.members.items() if isinstance(found, griffe.Function)]
    methods = [each for each in functions if not each.startswith("_")]
    if methods:
        lines.append(f"    # methods: {', '.join(methods[:FIELD_LIMIT])}")
    said = [_docstring(member)]
    if isinstance(maker := member.members.get("__init__"), griffe.Function):
        said.append(_docstring(maker))
    docstring = "\n\n".join(filter(None, said))
    return Symbol(name, module, "class", "\n".join(lines), docstring, values | defaults(member), member.lineno or 1)


def _property(member: griffe.Attribute, name: str, module: str) -> Symbol:
    arrow = "" if member.annotation is None else f" -> {member.annotation}"
    signature = f"@property\ndef {member.name}(self){arrow}"
    return Symbol(name, module, "property", signature, _docstring(member), {}, member.lineno or 1)


def _fields(member: griffe.Class) -> list[griffe.Attribute]:
    """Return the attributes of a class's body: the fields of a dataclass or model, an enumeration's values."""
    import griffe

    functions = [each for each in member.members.values() if isinstance(each, griffe.Function)]
    spans = [(each.lineno or 0, each.endlineno or 0) for each in functions]
    found = [each for each in member.members.values() if isinstance(each, griffe.Attribute)]
    return [
        each
        for each in found
        if not each.name.startswith("_")
        and "property" not in each.labels
        and not any(first <= (each.lineno or 0) <= last for first, last in spans)  # assigned in a method
    ]


def _field(member: griffe.Attribute) -> str:
    annotation = "" if member.annotation is None else f": {member.annotation}"
    value = "" if member.value is None else f" = {short(str(member.value))}"
    said = _docstring(member).split("\n", 1)[0]
    return f"{member.name}{annotation}{value}" + (f"  # {said}" if said else "")


def _docstring(member: griffe.Object) -> str:
    return member.docstring.value[:DOCSTRING_LIMIT].strip() if member.docstring else ""

"""What an argument comes to: a literal, a constant defined elsewhere, a value of a configuration file, or unknown."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

DEPTH = 6
"""Names followed one after the other: a setting names a constant that names a default …"""
_LINE = re.compile(
    r"^\s*(?:[A-Za-z]\w*\.)*(?P<name>[A-Za-z_]\w*)\s*(?::\s*[\w\[\]., |\"']{1,60}?)?\s*=(?!=)\s*(?P<value>[^\n#]+)",
    re.M,
)
_SETTING = re.compile(
    r"^\s*(?:-\s+|export\s+)?[\"']?(?P<name>[A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*(?P<value>[^\n#]+)", re.M
)
_ENVIRONMENT = {"getenv", "get", "int", "float", "str", "config", "env", "Field"}


@dataclass(frozen=True)
class Unknown:
    """An argument whose value stands nowhere in what was found; ``text`` is how the code writes it."""

    text: str


Value = int | float | str | bool | None | Unknown


@dataclass
class Values:
    """The constants and settings of a repository, as far as the excerpts show them.

    Attributes:
        settings: name in lower case → the values of configuration files, in order.
        constants: name → the expressions assigned to it in code, in order.
    """

    settings: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    constants: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @classmethod
    def read(cls, code: Sequence[str], configuration: Sequence[str]) -> Values:
        """Collect from excerpts of code and of configuration files (YAML, TOML, JSON, INI)."""
        found = cls()
        for text in configuration:
            for match in _SETTING.finditer(text):
                name = match["name"].rpartition(".")[2].replace("-", "_").lower()
                found.settings.setdefault(name, []).append(match["value"].strip().rstrip(",").strip())
        for text in code:
            for name, value in _assigned(text):
                found.constants.setdefault(name, []).append(value)
        return found

    def of(self, node: ast.expr | None, default: Value = None, depth: int = DEPTH) -> Value:
        """Return what an expression comes to; ``default`` where none is given."""
        if node is None:
            return default
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | bool | None):
            return node.value
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            return self._arithmetic(node, depth)
        if depth and isinstance(node, ast.Call):
            return self._called(node, depth)
        if depth and isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            first = self.of(node.values[0], depth=depth - 1)
            return self.of(node.values[-1], depth=depth - 1) if isinstance(first, Unknown | None) else first
        name = _name(node)
        return self.named(name, depth) if depth and name else Unknown(ast.unparse(node))

    def named(self, name: str, depth: int = DEPTH) -> Value:
        """Return the value of a name: a configuration file's goes before the code's."""
        for text in self.settings.get(name.lower(), ()):
            value = _plain(text)
            if not isinstance(value, Unknown):
                return value
        spelled = [name, *(other for other in self.constants if other.lower() == name.lower() and other != name)]
        for text in (text for each in spelled for text in self.constants.get(each, ())):
            value = self.of(_expression(text), Unknown(text), depth - 1) if depth else Unknown(text)
            if not isinstance(value, Unknown | None):
                return value
        return Unknown(name)

    def number(self, node: ast.expr | None, default: float | None = None) -> float | Unknown | None:
        """Return what an expression comes to where that is a number (or a text of one)."""
        value = self.of(node, default)
        if isinstance(value, str):
            value = _plain(value)
        if isinstance(value, bool) or not isinstance(value, int | float | Unknown | None):
            return Unknown(ast.unparse(node)) if node is not None else None
        return Unknown(ast.unparse(node)) if isinstance(value, Unknown) and node is not None else value

    def numbers(self, node: ast.expr | None) -> Sequence[float] | Unknown | None:
        """Return the numbers of a list or tuple, or of the name of one."""
        if node is None:
            return None
        if not isinstance(node, ast.List | ast.Tuple):
            name = _name(node)
            texts = [*self.settings.get(name.lower(), ()), *self.constants.get(name, ())] if name else []
            lists = (_expression(text) for text in texts)
            node = next((each for each in lists if isinstance(each, ast.List | ast.Tuple)), node)
        if not isinstance(node, ast.List | ast.Tuple):
            return Unknown(ast.unparse(node))
        found = [self.number(each) for each in node.elts]
        numbers = [each for each in found if isinstance(each, int | float)]
        return numbers if len(numbers) == len(found) else Unknown(ast.unparse(node))

    def _called(self, node: ast.Call, depth: int) -> Value:
        """``os.getenv("SIZE", 512)``, ``int(…)``, ``config.get("size", 512)``, ``Field(512)``."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        default = next((each.value for each in node.keywords if each.arg in ("default", "default_value")), None)
        if name not in _ENVIRONMENT and default is None:
            return Unknown(ast.unparse(node))
        first = node.args[0] if node.args else None
        if name in ("getenv", "get", "config", "env") and isinstance(first, ast.Constant):
            known = self.named(str(first.value), depth - 1)
            if not isinstance(known, Unknown):
                return known
            otherwise = default or (node.args[1] if len(node.args) > 1 else None)
            return self.of(otherwise, Unknown(ast.unparse(node)), depth - 1)
        value = self.of(default or first, Unknown(ast.unparse(node)), depth - 1)
        return _plain(value) if name in ("int", "float") and isinstance(value, str) else value

    def _arithmetic(self, node: ast.BinOp | ast.UnaryOp, depth: int) -> Value:
        unknown = Unknown(ast.unparse(node))
        if isinstance(node, ast.UnaryOp):
            value = self.of(node.operand, depth=depth)
            return -value if isinstance(node.op, ast.USub) and isinstance(value, int | float) else unknown
        left, right = self.of(node.left, depth=depth), self.of(node.right, depth=depth)
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            return unknown
        if isinstance(node.op, ast.Div | ast.FloorDiv):
            return unknown if right == 0 else left // right if isinstance(node.op, ast.FloorDiv) else left / right
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        return left * right if isinstance(node.op, ast.Mult) else unknown


def _assigned(text: str) -> Iterator[tuple[str, str]]:
    """Yield what an excerpt assigns, each name with its expression: by the parser where it parses, else by lines."""
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        yield from ((match["name"], match["value"].strip()) for match in _LINE.finditer(text))
        return
    for node in ast.walk(tree):
        yield from ((name, ast.unparse(value)) for name, value in _bound(node))


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield names and values of an assignment, a function's defaults, a dictionary, or a command's option."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(map(_name, target.elts), node.value.elts, strict=False)
            elif name := _name(target):
                yield name, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None and (name := _name(node.target)):
        yield name, node.value
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        yield from ((a.arg, value) for a, value in zip(reversed(positional), reversed(node.defaults), strict=False))
        yield from ((a.arg, value) for a, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value)
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from ((str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))
    elif isinstance(node, ast.Call):
        named = [a.value for a in node.args if isinstance(a, ast.Constant) and str(a.value).startswith("--")]
        default = next((each.value for each in node.keywords if each.arg == "default"), None)
        if named and default is not None:
            yield str(named[0]).lstrip("-").replace("-", "_"), default


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return ""


def _expression(text: str) -> ast.expr | None:
    """Parse the longest beginning of a line that is an expression: what follows may be the rest of a signature."""
    for end in [len(text), *(match.start() for match in reversed(list(re.finditer(r"[,):;]", text))))]:
        try:
            node = ast.parse(text[:end].strip(), mode="eval").body
        except (SyntaxError, ValueError):
            continue
        # "512, chunk_overlap: int = 50" begins with a value; a line that ends in a comma is no tuple.
        return node.elts[0] if isinstance(node, ast.Tuple) and not text.lstrip().startswith("(") else node
    return None


def _plain(text: str) -> Value:
    """Read a configuration file's value: a number, or a text without its quotes."""
    bare = text.strip().strip("\"'")
    if re.fullmatch(r"[+-]?\d[\d_]*", bare):
        return int(bare)
    if re.fullmatch(r"[+-]?\d*\.\d+", bare):
        return float(bare)
    return bare if bare and not bare.startswith(("${", "{{", "$")) else Unknown(text)

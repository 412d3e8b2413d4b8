"""Named values as a text writes them: ``lr = 1e-3``, ``learning_rate: 0.001``, ``--lr 0.1``, ``"lr": 0.1``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from nonet.state import Scalar

LINE_LIMIT = 20_000
"""Characters of a line that are read."""
_TEXT_LIMIT = 120

# Each begins where no name goes on to the left, so that a long line is read once.
_ASSIGNED = re.compile(
    r"""(?<![\w.$-])(?:--?)?["']?(?P<name>[A-Za-z_][\w.-]{0,79})["']?\s{0,20}
        (?::\s{0,4}[A-Za-z_][\w.\[\]|\ ]{0,40}?\s{0,4}=|[=:](?![=:]))\s{0,20}
        (?P<value>"[^"\n]{0,200}"|'[^'\n]{0,200}'|\[[^\]\n]{0,200}\]|\([^)\n]{0,200}\)|[^\s,;\#)}\]]{1,200})""",
    re.VERBOSE,
)
_FLAG = re.compile(
    r"""(?<![\w.-])--(?P<name>[A-Za-z_][\w.-]{0,79})\s{1,20}(?P<value>"[^"\n]{0,200}"|'[^'\n]{0,200}'|[^\s"'-][^\s"']{0,200}|-\.?\d\S{0,40})"""
)
_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?")
_COMMENT = re.compile(r"\s*(?:#|//|%%)")


@dataclass(frozen=True)
class Value:
    """A named value at a line.

    Attributes:
        name: as it is written.
        where: what it belongs to (the call, class or section around it), to tell values of one name apart.
        value: typed: a number, a truth value, or its text.
        line: counted from 1.
        passed_on: whether it is only another name of the same thing (``lr=args.lr``).
    """

    name: str
    where: str
    value: Scalar
    line: int
    passed_on: bool = False


def in_lines(lines: tuple[str, ...]) -> list[Value]:
    """Return the named values of a text, whatever its language; comments are passed over."""
    found: list[Value] = []
    sections: list[tuple[int, str]] = []
    for number, whole in enumerate(lines, start=1):
        if not whole.strip() or _COMMENT.match(whole):
            continue
        line = whole[:LINE_LIMIT].rstrip()
        indent = len(line) - len(line.lstrip())
        sections = _section(sections, indent, line)
        where = ".".join(name for _, name in sections)
        matches = [*_ASSIGNED.finditer(line), *_FLAG.finditer(line)]
        for match in sorted(matches, key=lambda match: match.start()):
            name, value = match["name"], match["value"]
            found.append(Value(name, where, typed(value), number, passed_on(name, value)))
    return found


def typed(text: str) -> Scalar:
    """Return a value as a number or a truth value where it is written as one, else its text."""
    text = text.strip().rstrip(",;")
    if text[:1] == text[-1:] and text[:1] in ("'", '"') and len(text) > 1:
        text = text[1:-1]
    if _NUMBER.fullmatch(text):
        plain = text.replace("_", "")
        whole = plain.lstrip("+-").isdigit() and len(plain) < 30
        return int(plain) if whole else float(plain)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return None if text in ("null", "None", "~") else text[:_TEXT_LIMIT]


def passed_on(name: str, value: str) -> bool:
    """Whether a value names the same thing elsewhere: ``lr=lr``, ``lr=args.lr``, ``lr: ${lr}``, ``lr=cfg["lr"]``."""
    last = re.split(r"\W+", value.strip().strip("\"')]}"))[-1]
    return bool(re.match(r"[A-Za-z_$]", value)) and last.lower() == name.rsplit(".", 1)[-1].lower()


def same(one: Scalar, other: Scalar) -> bool:
    """Whether two values are one, however written: 1e-3 and 0.001, 1 and 1.0, but not 1 and true."""
    return (
        type(one) is type(other) and one == other if isinstance(one, bool) or isinstance(other, bool) else one == other
    )


def written(value: Scalar) -> str:
    """Return a value as one reads it."""
    return value if isinstance(value, str) else json.dumps(value)


def _section(sections: list[tuple[int, str]], indent: int, line: str) -> list[tuple[int, str]]:
    """Follow the sections of YAML, TOML and INI: what is indented deeper than a name with nothing after it is its."""
    text = line.strip()
    if text.startswith("[") and text.endswith("]"):
        return [(-1, text.strip("[] "))]
    kept = [(depth, name) for depth, name in sections if depth < indent]
    head = re.fullmatch(r"""(?:-\s+)?["']?([\w.-]{1,80})["']?\s*:\s*\{?""", text)
    return [*kept, (indent, head[1])] if head else kept

"""The filters of a code query that say how to answer: ``case: count: type: select: timeout: repo:``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from nonet.errors import ToolError
from nonet.tools.sourcegraph.scanning import as_value

ALL = 1 << 30
LONGEST = 60.0
"""Seconds that ``timeout:`` may ask for, as at Sourcegraph."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_SELECTS = ("content", "file", "file.path", "repo")
ELSEWHERE = "Sourcegraph answers it: name the repository there (repo:), without --repo or beside it."


@dataclass(frozen=True)
class Repository:
    """A condition on the repository's name."""

    pattern: str
    negated: bool


@dataclass(frozen=True)
class Values:
    """How to answer; ``None`` where the query does not say.

    Attributes:
        case: whether case counts.
        count: how many results are wanted, ``ALL`` for all.
        type: ``file`` to look in contents, ``path`` in names.
        select: ``content`` for excerpts, ``file`` for names of files, ``repo`` for that of the repository.
        timeout: seconds.
        repositories: conditions on the repository's name.
    """

    case: bool | None = None
    count: int | None = None
    type: str | None = None
    select: str | None = None
    timeout: float | None = None
    repositories: tuple[Repository, ...] = ()

    def with_value(self, name: str, value: str, negated: bool) -> Values:
        """Return these with one more.

        Raises:
            ToolError: the value is not one of the filter's, or another was given.
        """
        if name == "repo":
            return replace(self, repositories=(*self.repositories, _repository(value, negated)))
        if negated:
            raise ToolError(f"-{name}: does not exist.", f"Write {name}: without the sign.")
        read = _READ[name](value)
        if getattr(self, name) not in (None, read):
            raise ToolError(f"{name}: is given twice, with different values.", "Give it once.")
        return replace(self, **{name: read})

    def with_those_of(self, other: Values) -> Values:
        """Return these and the other's; what the other says goes before."""
        said = {each.name: getattr(other, each.name) for each in fields(self) if each.name != "repositories"}
        both = (*self.repositories, *other.repositories)
        return replace(self, repositories=both, **{name: value for name, value in said.items() if value is not None})

    def written(self) -> Iterator[str]:
        """Yield them as filters of a query."""
        for repository in self.repositories:
            yield f"{'-' * repository.negated}repo:{as_value(repository.pattern)}"
        if self.case is not None:
            yield f"case:{'yes' if self.case else 'no'}"
        if self.count is not None:
            yield f"count:{'all' if self.count == ALL else self.count}"
        for name in ("type", "select"):
            if getattr(self, name):
                yield f"{name}:{getattr(self, name)}"
        if self.timeout is not None:
            yield f"timeout:{self.timeout * 1000:g}ms"


def _repository(pattern: str, negated: bool) -> Repository:
    if not pattern:
        raise ToolError("The filter repo: needs a name.", "Write it without a space, such as repo:owner/name.")
    if "@" in pattern or pattern.startswith("has."):
        raise ToolError(f"repo:{pattern} does not apply to a checkout, which is searched as it lies.", ELSEWHERE)
    return Repository(pattern, negated)


def _case(value: str) -> bool:
    if value.lower() not in _YES:
        raise ToolError(f"case:{value} is neither yes nor no.", "Write case:yes.")
    return _YES[value.lower()]


def _count(value: str) -> int:
    if value.lower() == "all":
        return ALL
    if not re.fullmatch(r"[1-9]\d{0,8}", value):
        raise ToolError(f"count:{value} is no number of results.", "Write count:20, or count:all.")
    return int(value)


def _type(value: str) -> str:
    if value.lower() not in ("file", "path"):
        raise ToolError(f"type:{value} does not apply to a checkout; file and path do.", ELSEWHERE)
    return value.lower()


def _select(value: str) -> str:
    if value.lower() not in _SELECTS:
        raise ToolError(f"select:{value} does not apply to a checkout; {', '.join(_SELECTS)} do.", ELSEWHERE)
    return value.lower().partition(".")[0]


def _timeout(value: str) -> float:
    match = _DURATION.fullmatch(value.lower())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < seconds <= LONGEST:
        raise ToolError(f"timeout:{value} is no time up to {LONGEST:g} s.", "Write timeout:20s or timeout:500ms.")
    return seconds


_READ = {"case": _case, "count": _count, "type": _type, "select": _select, "timeout": _timeout}

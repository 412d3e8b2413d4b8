"""Named queries: what to look for in machine-learning code, one file a query in ``configs/searches/``.

"Without" means that a file holds none of some expressions, never the word.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nonet import configs
from nonet.errors import ToolError
from nonet.tools.sourcegraph.query import CodeQuery, parse
from nonet.tools.sourcegraph.writing import regexp

_FOLDER, _SUFFIX = "searches", ".yaml"
Expressions = Annotated[tuple[str, ...], Field(min_length=1)]


class NamedQuery(BaseModel):
    """A query with a name.

    Attributes:
        description: what it finds, in a line.
        tells: what a hit means, and what it cannot tell.
        languages: files of any of these are searched.
        any: expressions of which one must hold; their places are shown.
        also: groups of expressions, of each of which one must hold somewhere in the file too.
        without: expressions none of which may hold in the file.
        case: whether case counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    tells: str
    languages: Expressions = ("python",)
    any: Expressions
    also: tuple[Expressions, ...] = ()
    without: tuple[str, ...] = ()
    case: bool = True

    def written(self) -> str:
        """Return it as a query in Sourcegraph's language."""
        parts = [_one_of([f"lang:{language}" for language in self.languages])]
        parts += [_one_of([regexp(each) for each in group]) for group in (self.any, *self.also)]
        parts += [f"NOT {regexp(each)}" for each in self.without]
        return " ".join([*parts, *(["case:yes"] if self.case else [])])


def names() -> list[str]:
    """Return the names of all queries."""
    found = (entry.name for entry in configs.resource(_FOLDER).iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))


def query(name: str) -> CodeQuery:
    """Return a named query, read.

    Raises:
        ToolError: there is none of that name.
    """
    return parse(named(name).written())


@cache
def named(name: str) -> NamedQuery:
    """Return a named query.

    Raises:
        ToolError: there is none of that name.
    """
    import yaml

    if name not in names():
        raise ToolError(f"There is no query named {name!r}.", f"Named queries: {', '.join(names())}.")
    try:
        return NamedQuery.model_validate(yaml.safe_load(configs.text(_FOLDER, name + _SUFFIX)))
    except ValidationError as error:
        raise ToolError(
            f"The query {name!r} is malformed: {error.errors()[0]['msg']}.", "Install Nonet anew."
        ) from error


def _one_of(terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"

"""Which names an expression matches, decided by ripgrep's engine: in time linear in their length, whatever it says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from nonet.tools.sourcegraph import ripgrep
from nonet.tools.sourcegraph.expression import Content, File, Language
from nonet.tools.sourcegraph.languages import speaks
from nonet.tools.sourcegraph.paths import expression, plain


def accepted(test: File | Language, given: Iterable[str], case: bool, seconds: float) -> set[str]:
    """Return those of some paths that pass a test.

    Raises:
        ToolError: its expression is malformed.
    """
    names = list(given)
    if isinstance(test, Language):
        return {path for path in names if speaks(path, test.name)}
    texts = plain(test.pattern)
    if texts and all(text.exact for text in texts):
        return {path for path in names if any(text.accepts(path, case) for text in texts)}
    return matching_names(names, expression(test.pattern), case, seconds)


def matching_names(names: Sequence[str], pattern: str, case: bool, seconds: float) -> set[str]:
    """Return those of some names that an expression matches, by ripgrep's engine: in time linear in their length.

    Raises:
        ToolError: the expression is malformed.
    """
    listed = b"\0".join(os.fsencode(name) for name in names) + b"\0"
    rows = ripgrep.in_text(listed, [Content(pattern, regexp=True)], case, seconds, b"\0")
    return {names[row - 1] for row in rows}

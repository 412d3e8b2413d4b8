"""A code query in Sourcegraph's words: text, and filters ``lang: -lang: file: -file:``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from nonet.errors import ToolError
from nonet.tools.filesystem.search_files import glob

LANGUAGES: dict[str, tuple[str, ...]] = {
    "c": (".c", ".h"),
    "c++": (".cc", ".cpp", ".cxx", ".hpp", ".hh", ".h"),
    "css": (".css",),
    "go": (".go",),
    "html": (".html", ".htm"),
    "java": (".java",),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "json": (".json", ".jsonl"),
    "jupyter": (".ipynb",),
    "markdown": (".md", ".markdown"),
    "python": (".py", ".pyi", ".ipynb"),
    "r": (".r",),
    "rust": (".rs",),
    "scala": (".scala",),
    "shell": (".sh", ".bash", ".zsh"),
    "sql": (".sql",),
    "toml": (".toml",),
    "typescript": (".ts", ".tsx"),
    "yaml": (".yaml", ".yml"),
}
_FILTER = re.compile(
    r"(?<!\S)(?P<not>-?)(?P<field>lang|file|repo|rev|select|type|case|count|timeout|content):(?P<value>\S*)"
)
_SUPPORTED = ("lang", "file")


@dataclass(frozen=True)
class CodeQuery:
    """What to find, and a test for the paths it may be found in."""

    text: str
    accepts: Callable[[str], bool]


def parse(query: str) -> CodeQuery:
    """Split a query into its text and its filters.

    ``file:`` takes a glob, or a part of the path. ripgrep's own ``-t`` and ``-g`` are never used for them: they would
    take hidden and git-ignored files back in.

    Raises:
        ToolError: no text is left, or a filter or language is unknown.
    """
    wanted: list[Callable[[str], bool]] = []
    unwanted: list[Callable[[str], bool]] = []
    for match in _FILTER.finditer(query):
        if match["field"] not in _SUPPORTED:
            raise ToolError(
                f"The filter {match['field']}: does not apply to a checkout.", "Filters: lang: file: -file:."
            )
        test = _language(match["value"]) if match["field"] == "lang" else _file(match["value"])
        (unwanted if match["not"] else wanted).append(test)
    text = _FILTER.sub("", query).strip()
    if not text:
        raise ToolError(
            "The query holds no text to find.", "Write what the code says, such as: chunk_size lang:python."
        )
    return CodeQuery(text, lambda path: all(test(path) for test in wanted) and not any(test(path) for test in unwanted))


def _language(name: str) -> Callable[[str], bool]:
    suffixes = LANGUAGES.get(name.lower())
    if suffixes is None:
        raise ToolError(f"The language {name!r} is not known.", f"Known: {', '.join(LANGUAGES)}.")
    return lambda path: PurePosixPath(path).suffix.lower() in suffixes


def _file(value: str) -> Callable[[str], bool]:
    if not value:
        raise ToolError("The filter file: needs a name.", "Write it without a space, such as file:*.py.")
    if any(sign in value for sign in "*?"):
        anywhere, exact = glob(f"**/{value}"), glob(value)
        return lambda path: anywhere(path) or exact(path)
    return lambda path: value.lower() in path.lower()

"""Which files of a checkout a search reads: told to ripgrep in advance, and asked again of every path it returns.

ripgrep's own ``-g`` would take hidden and git-ignored files back in. So what paths must match is written as ignore
rules, which yield to git's, and languages as types, which yield to both. Types and git's own ``!`` rules may still let
a hidden file through, and the rules more than is meant: ``admits`` decides.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nonet.tools.contract import ToolContext
from nonet.tools.sourcegraph import paths
from nonet.tools.sourcegraph.expression import File, Language, conditions
from nonet.tools.sourcegraph.languages import ANY, LANGUAGES
from nonet.tools.sourcegraph.query import CodeQuery

# ``.ignore`` and ``.rgignore`` may take hidden and git-ignored files back in: only git's own ignore files count. Parent
# folders' ignore files say nothing of this checkout.
_SAFE = ("--no-require-git", "--no-ignore-dot", "--no-ignore-parent", "--no-messages")
_RULES_LIMIT = 30_000
_NEVER_FOLDERS = (".git", ".hg", ".svn", ".bzr", ".jj", ".aws", ".ssh", ".gnupg", ".docker", ".kube")
_NEVER = re.compile(
    r"\.env(?:rc|[^a-z].*)?|\.netrc|\.npmrc|\.pypirc|\.pgpass|\.htpasswd|\.git-credentials|"
    r"id_(?:rsa|dsa|ecdsa|ed25519)|.*key.*\.pem|.*\.(?:key|ppk|p12|pfx|jks|keystore|kdbx)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Scope:
    """The files that may be searched.

    Attributes:
        root: the checkout.
        folder: folder or file of it that was asked for, "." for all.
        options: ripgrep's options.
        rules: gitignore patterns that leave the files out that no filter lets through.
        hidden: how the names of hidden files and folders begin that were asked for.
        excluded: folders and files of the checkout that no tool reads, relative.
    """

    root: Path
    folder: str
    options: tuple[str, ...]
    rules: bytes
    hidden: frozenset[str]
    excluded: tuple[str, ...]

    def admits(self, path: str) -> bool:
        """Whether a file may be searched and shown, whatever let it through.

        A ``.gitignore`` that says ``!.env`` makes ripgrep read a hidden file.
        """
        parts = path.split("/")
        if not all(part.startswith(tuple(self.hidden)) for part in parts if part.startswith(".")):
            return False
        if any(part.lower() in _NEVER_FOLDERS for part in parts) or _NEVER.fullmatch(parts[-1]):
            return False
        return self._in(path, self.folder) and not any(self._in(path, each) for each in self.excluded)

    @staticmethod
    def _in(path: str, folder: str) -> bool:
        return folder in (".", path) or path.startswith(f"{folder}/")


def scope(query: CodeQuery, folder: str, ignored: bool, context: ToolContext, root: Path) -> Scope:
    """Return the scope of a query.

    Args:
        query: its filters that hold for every file are told to ripgrep.
        folder: folder or file that was asked for, "." for all.
        ignored: whether git-ignored files are searched too.
        context: what no tool reads.
        root: the checkout.
    """
    excluded = tuple(_excluded(root, context))
    case = bool(query.values.case)
    wanted = conditions(query.expression)
    files = [each.pattern for each in wanted if isinstance(each, File)]
    hidden = frozenset[str]().union(*map(paths.hidden_names, files))
    options = [
        *_SAFE,
        f"--max-filesize={context.settings.file_size_limit}",
        *(["--no-ignore-vcs"] if ignored else []),
        *(["--hidden", *(f"--glob=!{name}" for name in _NEVER_FOLDERS)] if hidden else []),
        *(f"--glob=!/{_literal(path)}" for path in excluded),
        *_types(files, [each.name for each in wanted if isinstance(each, Language)], case),
    ]
    rules = _rules(folder, files, case, bool(hidden))
    return Scope(root, folder, tuple(options), rules, hidden, excluded)


def _excluded(root: Path, context: ToolContext) -> Iterator[str]:
    settings = context.settings
    for path in (*context.excluded, Path(settings.runs), settings.home_path):
        relative = os.path.relpath(os.path.abspath(path), root)
        if relative != "." and not relative.startswith(".."):
            yield relative.replace(os.sep, "/")


def _types(files: Sequence[str], languages: Sequence[str], case: bool) -> Iterator[str]:
    """Yield options for a type of our own: how names may end, which costs less than a rule; else one language."""
    endings = next((ends for value in files if (ends := list(paths.endings(value, case)))), list[str]())
    named = next((LANGUAGES[language] for language in languages if language != ANY), ())
    globs = endings or [f"*{''.join(map(_any_case, each))}" if each[0] == "." else each for each in named]
    yield from (f"--type-add=wanted:{glob}" for glob in globs)
    if globs:
        yield "--type=wanted"


def _rules(folder: str, files: Sequence[str], case: bool, hidden: bool) -> bytes:
    """Write gitignore patterns: nothing, but the folders on the way and what one of the filters may accept.

    A rule that lets folders through lets hidden ones through too, so the last one takes them out again.
    """
    told = [rules for value in files if (rules := list(paths.rules(value, case)))]
    shortest = min(told, key=len) if told else []
    if folder == "." and not shortest:
        return b""
    parts = PurePosixPath(_literal(folder)).parts if folder != "." else ()
    lines = ["*", *(f"!/{'/'.join(parts[:number])}" for number in range(1, len(parts) + 1))]
    beneath = "/".join(("", *parts))
    lines += [f"!{beneath}/**/", *(f"!{rule}" for rule in shortest)] if shortest else [f"!{beneath}/**"]
    written = os.fsencode("\n".join(lines if hidden else [*lines, ".*"]))
    return written if len(written) < _RULES_LIMIT else b""


def _literal(path: str) -> str:
    return re.sub(r"([*?\[\]{}\\!# ])", r"\\\1", path)


def _any_case(letter: str) -> str:
    return f"[{letter.lower()}{letter.upper()}]" if letter.isalpha() else letter

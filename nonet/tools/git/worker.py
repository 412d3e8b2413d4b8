"""The process that reads a repository: a question on standard input, an answer on standard output, both JSON."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nonet.errors import NonetError
from nonet.settings import Settings
from nonet.tools.contract import Found, ToolContext

_MEMORY = 2 << 30
"""Bytes of its own that the process may hold; files that it maps, such as packs, do not count."""
_WINDOW, _MAPPED = 64 << 20, 1 << 30
_PROCESSOR_SECONDS = 60


def main() -> None:
    """Answer one question."""
    _confine()
    question: dict[str, Any] = json.load(sys.stdin)
    json.dump(answered(question), sys.stdout)


def answered(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was found, or the error."""
    import pygit2

    try:
        found = _found(question)
    except NonetError as error:
        return {"error": error.message, "remedy": error.remedy}
    except MemoryError:
        return {"error": "The repository holds objects too large to read.", "remedy": "Name a path or a shorter range."}
    except (pygit2.GitError, KeyError, ValueError, OSError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        return {"error": f"The repository cannot be read: {reason}.", "remedy": "Check it with: git fsck"}
    return {"items": [item.model_dump(mode="json") for item in found.items], "note": found.note}


def _found(question: Mapping[str, Any]) -> Found:
    from nonet.tools.git import blame, diff, log
    from nonet.tools.git.checkout import Checkout

    context = ToolContext(
        Settings.model_validate(question["settings"]),
        tuple(Path(root) for root in question["roots"]),
        tuple(Path(path) for path in question["excluded"]),
        Path(question["repository"]) if question["repository"] else None,
    )
    given = question["arguments"]
    checkout = Checkout.at(context, given["path"], question["seconds"])
    if question["tool"] == "log":
        found = log.read(checkout, log.GitLogArguments.model_validate(given))
    elif question["tool"] == "diff":
        found = diff.read(checkout, diff.GitDiffArguments.model_validate(given))
    else:
        found = blame.read(checkout, blame.GitBlameArguments.model_validate(given))
    return replace(found, note=" ".join(part for part in (found.note, *checkout.said) if part))


def _confine() -> None:
    """Bound memory and time, and take libgit2's settings from the repository alone.

    Ownership is not checked: git refuses other people's repositories because their configuration can run commands.
    Here it cannot, and checkouts that a container mounts belong to somebody else.
    """
    import pygit2
    from pygit2.enums import ConfigLevel, Option

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    pygit2.option(Option.SET_OWNER_VALIDATION, False)
    pygit2.option(Option.SET_MWINDOW_SIZE, _WINDOW)
    pygit2.option(Option.SET_MWINDOW_MAPPED_LIMIT, _MAPPED)
    for level in (ConfigLevel.SYSTEM, ConfigLevel.GLOBAL, ConfigLevel.XDG):
        pygit2.option(Option.SET_SEARCH_PATH, level, "")


if __name__ == "__main__":
    main()

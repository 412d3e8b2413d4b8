r"""What ``file:`` says of a path: an expression as Sourcegraph takes it, or a glob.

A glob is what has a ``*`` that follows no dot and no sign that only expressions have: ``*.py``, ``src/**/*.ts``. All
else is an expression, found anywhere in the path unless anchored.

Plain ones, ``\.py$`` or ``^src/`` or ``(train|test)_``, are decided here and given to ripgrep as rules, so that it does
not read other files; the others are decided by ripgrep's engine, which takes linear time whatever the expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

_ONLY_EXPRESSIONS = re.compile(r"[\\^$|()\[\]+{}]|\.\*")
_LITERAL = re.compile(r"(?:[\w/ @,=~%.-]|\\[^\w\s])*", re.ASCII)
_CHOICE = re.compile(r"(?<!\\)(?:\((?:\?:)?([^()\\?*+\[\].^$]*(?:\|[^()\\?*+\[\].^$]*)+)\)(?![?*+{])|([\w-])\?)")
_FOLDER_START = re.compile(r"\((?:\?:)?\^\|/\)")
# A dot begins a name after a slash or an anchor; at the very start only that of a folder, else it begins an ending.
_HIDDEN = re.compile(r"^\\?\.([A-Za-z][\w-]*)/|[/^]\)?\\?\.([A-Za-z][\w-]*)")
_ALTERNATIVES = 16
_ANY_SIGN, _ANY_SIGNS = "\0", 3


@dataclass(frozen=True)
class Plain:
    """A text in the path: anywhere, or at its start, at its end, or both; a NUL in it stands for any character."""

    text: str
    at_start: bool
    at_end: bool

    @property
    def exact(self) -> bool:
        """Whether the text is all that there is to say."""
        return _ANY_SIGN not in self.text

    def accepts(self, path: str, case: bool) -> bool:
        """Whether the path holds an exact one."""
        text = self.text if case else self.text.lower()
        path = path if case else path.lower()
        if self.at_start and self.at_end:
            return path == text
        if self.at_start:
            return path.startswith(text)
        return path.endswith(text) if self.at_end else text in path


def rules(value: str, case: bool) -> Iterator[str]:
    """Yield gitignore patterns for the files that a value may let through; none where nothing plain can be said.

    How names end is not said here but by ``endings``.
    """
    if any(endings(value, case)):
        return
    for each in plain(value):
        start = "/" if each.at_start else "**/*"
        for text in _globs(each.text, case):
            yield f"{start}{text}{'' if each.at_end else '*'}"
            if not each.at_end:
                yield f"{start}{text}*/**"


def endings(value: str, case: bool) -> Iterator[str]:
    """Yield globs for names, where a value says how they end and nothing else."""
    texts = plain(value)
    if all(each.at_end and not each.at_start and each.exact and "/" not in each.text for each in texts):
        for each in texts:
            yield from (f"*{text}" for text in _globs(each.text, case))


def _globs(text: str, case: bool) -> Iterator[str]:
    signs = [_any_case(sign) if not case and sign.isalpha() else _escaped(sign) for sign in text]
    return map("".join, product(*signs))


def expression(value: str) -> str:
    """Return the expression that a value of ``file:`` stands for."""
    return _of_glob(value) if _is_glob(value) else value


def plain(value: str) -> tuple[Plain, ...]:
    """Return the texts, any of which a path must hold, where nothing else makes the expression; else none."""
    if _is_glob(value):
        ending = value.lstrip("*")
        return (Plain(ending, False, True),) if value[0] == "*" and _LITERAL.fullmatch(ending) else ()
    found: list[Plain] = []
    for alternative in _expanded(value):
        at_start, at_end = alternative.startswith("^"), alternative.endswith("$") and not alternative.endswith("\\$")
        text = alternative[at_start : len(alternative) - at_end]
        literal = re.sub(r"\\(.)|\.", lambda match: match[1] or _ANY_SIGN, text)
        if not text or not _LITERAL.fullmatch(text) or literal.count(_ANY_SIGN) > _ANY_SIGNS:
            return ()
        found.append(Plain(literal, at_start, at_end))
    return tuple(found)


def hidden_names(value: str) -> set[str]:
    r"""Return the hidden files and folders that a value asks for by name: of ``^\.github/`` ``.github``."""
    return {f".{match[1] or match[2]}" for match in _HIDDEN.finditer(value)}


def _is_glob(value: str) -> bool:
    return "*" in value and not _ONLY_EXPRESSIONS.search(value)


def _of_glob(value: str) -> str:
    """Translate a glob; it may begin at any folder."""
    parts: list[str] = []
    for part in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", value.removeprefix("/")):
        signs = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        parts.append(signs.get(part) or re.escape(part))
    return f"{'^' if value.startswith('/') else '(^|/)'}{''.join(parts)}$"


def _expanded(value: str) -> list[str]:
    r"""Write out choices of texts: ``\.(py|ipynb)$`` are two; so is ``tests?/``."""
    done: list[str] = []
    waiting = [value]
    while waiting and len(done) + len(waiting) <= _ALTERNATIVES:
        text = waiting.pop()
        start, choice = _FOLDER_START.match(text), _CHOICE.search(text)
        sides = re.split(r"(?<!\\)\|", text)
        if start is not None:
            waiting += [f"^{text[start.end() :]}", f"/{text[start.end() :]}"]
        elif choice is not None:
            choices = choice[1].split("|") if choice[1] is not None else [choice[2], ""]
            waiting += [text[: choice.start()] + each + text[choice.end() :] for each in choices]
        elif len(sides) > 1 and not re.search(r"[()\[\]]", text):
            waiting += sides
        else:
            done.append(text)
    return [""] if waiting else done


def _any_case(letter: str) -> tuple[str, ...]:
    return (f"[{letter.lower()}{letter.upper()}]",)


def _escaped(sign: str) -> tuple[str, ...]:
    if sign == _ANY_SIGN:  # a glob's "?" is no slash
        return ("?", "/")
    return (f"\\{sign}" if sign in "*?[]{}\\!# " else sign,)

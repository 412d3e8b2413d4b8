"""The words of a code query: quoted texts, expressions between slashes, filters and plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ALIASES = {
    "f": "file",
    "r": "repo",
    "l": "lang",
    "language": "lang",
    "revision": "rev",
    "msg": "message",
    "m": "message",
}
FIELDS = frozenset(
    {
        "repo", "file", "lang", "content", "case", "count", "patterntype", "type", "select", "rev", "timeout",
        "context", "fork", "archived", "visibility", "author", "committer", "before", "since", "after", "until",
        "message", "repohasfile", "repohascommitafter", "index", "stable",
    }
)  # fmt: skip
"""What may stand before a colon, as Sourcegraph has it; any other word with a colon is text to find."""


@dataclass(frozen=True)
class Field:
    """A filter as it was written; ``quoted`` values had their escapes resolved."""

    name: str
    value: str
    negated: bool
    quoted: bool


class Scanner:
    """A place in a query. Each method moves it past what it read, or leaves it where nothing such stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    @property
    def here(self) -> str:
        """The character at the place, "" at the end."""
        return self.text[self.place : self.place + 1]

    def skip_space(self) -> None:
        """Move to the next character that is no space."""
        while self.here.isspace():
            self.place += 1

    def taken(self, sign: str) -> bool:
        """Move past a sign, if it stands here."""
        stands = self.text.startswith(sign, self.place)
        self.place += len(sign) if stands else 0
        return stands

    def operator(self, word: str) -> bool:
        """Move past ``and``, ``or`` or ``not``, in letters of any case, where it is a word."""
        end = self.place + len(word)
        after = self.text[end : end + 1]
        stands = self.text[self.place : end].lower() == word and (not after or after.isspace() or after in "()")
        self.place = end if stands else self.place
        return stands

    def field(self) -> Field | None:
        """Read a filter, such as ``-file:"a b"``."""
        start = self.place + (self.here == "-")
        colon = self.text.find(":", start)
        name = self.text[start:colon].lower() if colon > 0 else ""
        name = ALIASES.get(name, name)
        if name not in FIELDS:
            return None
        negated, self.place = self.here == "-", colon + 1
        quoted = self.quoted()
        return Field(name, self.word() if quoted is None else quoted, negated, quoted is not None)

    def quoted(self) -> str | None:
        r"""Read a text in quotes; ``\"`` and ``\\`` stand for the characters themselves."""
        return self._between(("'", '"'), lambda mark, escaped: escaped if escaped in (mark, "\\") else f"\\{escaped}")

    def expression(self) -> str | None:
        r"""Read an expression between slashes; a slash within is ``\/``, or one that no space follows."""
        return self._between(("/",), lambda mark, escaped: escaped if escaped == mark else f"\\{escaped}")

    def word(self, escapes: bool = False) -> str:
        """Read up to the next space, or to a parenthesis that closes a group. A pair within belongs to the word.

        Args:
            escapes: whether a backslash keeps the next character from its meaning, as in expressions.
        """
        end = self._word_end(spaces=True, escapes=escapes)
        if end is None:
            end = self._word_end(spaces=False, escapes=escapes)
        word = self.text[self.place : end]
        self.place = len(self.text) if end is None else end
        return word

    def group_end(self) -> int | None:
        """Return the place of the parenthesis that closes the one here; ``None`` where none does."""
        depth = 0
        for place in range(self.place, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[place], 0)
            if depth == 0:
                return place
        return None

    def _word_end(self, spaces: bool, escapes: bool) -> int | None:
        """Return where a word ends; ``None`` where its parentheses do not close and ``spaces`` within them count."""
        depth, place = 0, self.place
        while place < len(self.text):
            sign = self.text[place]
            if sign == "\\" and escapes:
                place += 2
                continue
            if sign.isspace() and (depth == 0 or not spaces):
                return place
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if depth < 0:
                return place
            place += 1
        return min(place, len(self.text)) if depth == 0 or not spaces else None

    def _between(self, marks: tuple[str, ...], resolve: Callable[[str, str], str]) -> str | None:
        """Read what two marks enclose, the second before a space, a parenthesis or the end."""
        mark, place = self.here, self.place + 1
        if mark not in marks:
            return None
        parts: list[str] = []
        while place < len(self.text):
            sign, after = self.text[place], self.text[place + 1 : place + 2]
            if sign == "\\" and after:
                parts.append(resolve(mark, after))
                place += 2
                continue
            if sign == mark and (not after or after.isspace() or after == ")") and parts:
                self.place = place + 1
                return "".join(parts)
            parts.append(sign)
            place += 1
        return None


def as_value(value: str) -> str:
    """Quote a filter's value where it would not be read whole."""
    whole = Scanner(value).word() == value and value.count("(") == value.count(")")
    return value if whole and not value.startswith(("'", '"')) else as_quoted(value)


def as_quoted(text: str) -> str:
    """Return a text in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

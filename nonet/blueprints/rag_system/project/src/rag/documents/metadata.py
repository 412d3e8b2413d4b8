"""What is known about a document beside its text: scalars to filter and weigh by.

Every file has ``path``, ``folder`` (empty at the top) and ``suffix``; Markdown adds its front matter, PDF its document
information, a collection's record its further scalar fields. ``modified`` is in seconds since the epoch. It comes from
what the document itself says (``modified``, ``updated``, ``lastmod`` or ``date`` as an ISO date, in UTC where no offset
stands; the dates of a PDF), so that reading the same bytes gives the same documents wherever and whenever they are
read: that is what measuring needs. Only where a reader is asked for it (``folder.read(…, file_times=True)``, as
``rag index`` asks) does the file's own time stand in where the document says nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from rag.documents.model import Value, storable

DATES = ("modified", "updated", "lastmod", "date")
"""Names of a document's own date, the most telling first."""
FENCE = re.compile(r"\A---[ \t]*\n")
KEY = re.compile(r"([A-Za-z_][\w.-]*)[ \t]*:(?:[ \t]+(.*))?$")
CONTINUED = re.compile(r"[ \t]|-[ \t]|-$|#|\]|\}|$")
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?$")
LONGEST_FRONT = 65_536
"""Characters of the longest front matter; a later closing line belongs to the text."""


@dataclass(frozen=True)
class Front:
    """A front matter: its scalars, its title as it was written, and the characters it takes."""

    values: Mapping[str, Value]
    title: str = ""
    length: int = 0


def of_file(name: str) -> dict[str, Value]:
    """Return what a file's path below the corpus says."""
    path = PurePosixPath(name)
    folder = path.parent.as_posix()
    return {"path": name, "folder": "" if folder == "." else folder, "suffix": path.suffix.lower()}


def scalars(values: Mapping[str, object], leave_out: Iterable[str] = ()) -> dict[str, Value]:
    """Keep the texts, finite numbers and truths of a record; lists, objects and nulls are left out."""
    kept: dict[str, Value] = {}
    for name, value in values.items():
        if name in leave_out:
            continue
        if isinstance(value, str):
            kept[storable(name)] = storable(value)
        elif isinstance(value, bool):
            kept[storable(name)] = value
        elif isinstance(value, int | float) and abs(value) <= 1e300:
            kept[storable(name)] = float(value)
    return kept


def dated(values: Mapping[str, Value]) -> dict[str, Value]:
    """Set ``modified`` to the seconds of the first date that can be read; a number there is taken as seconds."""
    if isinstance(values.get("modified"), float):
        return dict(values)
    rest = {name: value for name, value in values.items() if name != "modified"}
    found = (seconds(value) for name in DATES if isinstance(value := values.get(name), str))
    moment = next((second for second in found if second is not None), None)
    return rest if moment is None else {**rest, "modified": moment}


def seconds(date: str) -> float | None:
    """Return the seconds since the epoch of an ISO date or time, UTC where it names no offset."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d|Z$)", "", date.strip()))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def front_matter(text: str) -> Front:
    """Read the scalars between the two ``---`` lines a text begins with.

    Only what looks like YAML's mappings is a front matter: after a thematic break, prose stays prose. Nested values,
    lists and block texts are left out of the scalars, and of the text all the same.
    """
    begun = FENCE.match(text)
    if not begun:
        return Front({})
    values: dict[str, Value] = {}
    title, place, seen = "", begun.end(), False
    while 0 < (end := _line_end(text, place)) <= LONGEST_FRONT:
        line = text[place:end].rstrip()
        place = end + 1
        if line in ("---", "..."):
            return Front(dated(values), title, min(place, len(text))) if seen else Front({})
        key = KEY.match(line)
        if key:
            seen = True
            value = _scalar(key[2] or "")
            if value is not None:
                values[key[1]] = value
                title = _unquoted(key[2]) if key[1] == "title" else title
        elif not CONTINUED.match(line):
            break
    return Front({})


def _line_end(text: str, place: int) -> int:
    """Return where the line at ``place`` ends, or 0 when there is none."""
    if place >= len(text):
        return 0
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _scalar(written: str) -> Value | None:
    plain = _unquoted(written)
    if plain != written.strip():
        return plain or None
    if not plain or plain[0] in "[{&*!|>" or plain.lower() in ("null", "~"):
        return None
    if plain.lower() in ("true", "false"):
        return plain.lower() == "true"
    number = float(plain) if NUMBER.match(plain) else math.nan
    return number if math.isfinite(number) else plain


def _unquoted(written: str) -> str:
    """Drop the quotes of a quoted scalar, or the comment behind a plain one."""
    written = written.strip()
    double = re.match(r'"(?:[^"\\]|\\.)*"', written)
    single = re.match(r"'((?:[^']|'')*)'", written)
    if double:
        try:
            return storable(str(json.loads(double.group())))
        except ValueError:
            return double.group()[1:-1]
    if single:
        return single[1].replace("''", "'")
    return re.split(r"(?:^|\s)#", written, maxsplit=1)[0].rstrip()

"""From what stands in a page to a value of the type that is wanted, or not at all."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime

from nonet.state import Json
from nonet.tools.firecrawl.data.schemas import Wanted, outside

_NUMBER = re.compile(
    r"""(?P<before>[A-Z]{3}\s|[€$£¥₹₽]|US\$)?\s*
        (?P<sign>[-+−])?\s*(?P<currency>[€$£¥₹₽])?\s*
        (?P<digits>\d[\d.,'’\u00a0\u202f\u2009 ]*(?:[eE][-+]?\d+)?)\s*
        (?P<unit>[^\d\s][^\d]{0,30})?""",
    re.VERBOSE,
)
_SCALES = frozenset({"k", "K", "M", "B", "T", "G", "bn", "mn", "tn", "Mio", "Mrd", "hundred", "thousand", "million",
                     "billion", "trillion", "lakh", "crore", "dozen"})  # fmt: skip
_DATES = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%d %b %Y", "%b %d, %Y", "%Y/%m/%d", "%d. %B %Y")
_TRUE = frozenset({"true", "yes", "y", "✓", "✔"})
_FALSE = frozenset({"false", "no", "n", "✗", "✘"})
_VOCABULARY = re.compile(r"https?://schema\.org/(\w+)")


class Unreadable(ValueError):
    """What stands there is no value of the type that is wanted."""


def converted(raw: Json, wanted: Wanted) -> Json:
    """Convert a scalar of a page.

    Numbers lose their currency, their unit (the origin keeps both, as they stand) and their separators of thousands:
    of ``1,234.5`` and ``1.234,5`` the last mark is the decimal one; a single comma before three digits separates
    thousands, a single point is decimal. Dates stay strings, as ISO 8601 where ``format`` is ``date``.

    Raises:
        Unreadable: it is none, for instance a range or words.
    """
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if raw is None or isinstance(raw, list | dict):
        raise Unreadable
    text = unicodedata.normalize("NFC", str(raw)).strip()
    if not text:
        raise Unreadable
    if wanted.choices:
        return _chosen(text, wanted)
    if wanted.kind == "boolean":
        return _truth(text)
    if wanted.kind in ("number", "integer"):
        return _measured(number(text)[0], wanted)
    if wanted.kind != "string":
        raise Unreadable
    return day(text, wanted.format) if wanted.format in ("date", "date-time") else text


def number(text: str) -> tuple[float, str]:
    """Read a number and its unit ("" for none).

    Raises:
        Unreadable: there is none, more than one, words before it, or a word or letter after it that may multiply it.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise Unreadable
    digits = re.sub(r"['’\u00a0\u202f\u2009 ]", "", match["digits"]).rstrip(".,")
    if match["digits"].strip() != digits and not _grouped(match["digits"].strip()):
        raise Unreadable
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        decimal = max(digits.rfind(","), digits.rfind("."))
        digits = re.sub(r"[.,]", "", digits[:decimal]) + "." + digits[decimal + 1 :]
    elif commas > 1 or (commas and re.search(r",\d{3}$", digits) and not digits.startswith("0")):
        digits = digits.replace(",", "")
    elif commas:
        digits = digits.replace(",", ".")
    elif points > 1:
        digits = digits.replace(".", "")
    unit = (match["unit"] or "").strip().strip(".")
    if unit.split(" ")[0] in _SCALES:
        raise Unreadable
    try:
        value = float(digits)
    except ValueError as error:
        raise Unreadable from error
    return (-value if match["sign"] in ("-", "−") else value), unit


def day(text: str, form: str) -> str:
    """Write a date as ISO 8601 where it says year, month and day beyond doubt.

    Raises:
        Unreadable: it does not.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None:
        return moment.date().isoformat() if form == "date" else text
    for pattern in _DATES:
        try:
            found: date = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        return found.isoformat()
    raise Unreadable


def _measured(found: float, wanted: Wanted) -> int | float:
    """A number as it is wanted; whole ones are integers as far as a float holds them exactly."""
    if not math.isfinite(found) or outside(found, wanted):
        raise Unreadable
    return int(found) if found == int(found) and abs(found) < 2**53 else found


def _grouped(digits: str) -> bool:
    """Whether spaces and apostrophes stand between groups of three, as in ``12 345`` and not as in ``12 3``."""
    return bool(re.fullmatch(r"\d{1,3}(['’\u00a0\u202f\u2009 ]\d{3})+([.,]\d+)?[.,]?|[\d.,]+(?:[eE][-+]?\d+)?", digits))


def _chosen(text: str, wanted: Wanted) -> Json:
    vocabulary = _VOCABULARY.fullmatch(text)
    told = {text.casefold(), vocabulary[1].casefold() if vocabulary else text.casefold()}
    for choice in wanted.choices:
        if str(choice).casefold() in told:
            return choice
    raise Unreadable


def _truth(text: str) -> bool:
    told = text.casefold()
    if told in _TRUE | _FALSE:
        return told in _TRUE
    raise Unreadable

"""Times that a person writes, and times as a commit keeps them."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone

from nonet.errors import ToolError

_AGO = re.compile(r"(?P<count>\d{1,5}) ?(?P<unit>hour|day|week|month|year)s?(?: ago)?")
_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}


def moment(text: str, end: bool = False) -> float:
    """Return seconds since the epoch.

    Args:
        text: an ISO date or time (UTC where it names no zone), or such as "2 weeks ago".
        end: whether a date without a time means its last second.

    Raises:
        ToolError: it is neither.
    """
    ago = _AGO.fullmatch(text.strip().lower())
    if ago:
        return time.time() - int(ago["count"]) * _DAYS[ago["unit"]] * 86_400
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ToolError(f"{text!r} is no date.", "Write 2025-01-31, or '2 weeks ago'.") from error
    if end and len(text.strip()) == len("2025-01-31"):
        found = found.replace(hour=23, minute=59, second=59)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def shown(seconds: int, minutes_east: int) -> str:
    """Return a commit's time in its own zone, ISO 8601; "" where it is no time that a calendar has."""
    try:
        zone = timezone(timedelta(minutes=minutes_east))
        return datetime.fromtimestamp(seconds, zone).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""

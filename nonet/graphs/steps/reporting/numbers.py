"""Numbers as people read them: with their unit, to the digits that mean something, with their interval."""

from __future__ import annotations

from nonet.graphs.steps.reporting.document import Span, Text
from nonet.trials.contract import Interval, Metric

ABSENT = Span("not measured", "muted")
_SCALES = ((1e12, "TB", "trillion"), (1e9, "GB", "billion"), (1e6, "MB", "million"))


def number(value: float, unit: str = "", *, sign: bool = False) -> str:
    """Write one number: ``0.7380``, ``12.4 ms``, ``3.1 MB``, ``2.4 billion``."""
    plus = "+" if sign and value > 0 else ""
    size = abs(value)
    if unit == "bytes" and size >= 1e3:
        scale, name = next(((s, n) for s, n, _ in _SCALES if size >= s), (1e3, "kB"))
        return f"{plus}{_digits(value / scale)} {name}"
    if size >= 1e6:
        scale, name = next((s, n) for s, _, n in _SCALES if size >= s)
        return f"{plus}{_digits(value / scale)} {name} {unit}".rstrip()
    return f"{plus}{_digits(value)} {unit}".rstrip()


def _digits(value: float) -> str:
    """Four decimals below 1, four digits above: what a difference of .01 needs to be seen."""
    size = abs(value)
    if float(value).is_integer() and size >= 1:
        return _minus(f"{value:,.0f}")
    if size < 1:
        return _minus(f"{value:.4f}" if not value or size >= 5e-4 else f"{value:.2g}")
    decimals = 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
    return _minus(f"{value:,.{decimals}f}")


def _minus(text: str) -> str:
    return text.replace("-", "\u2212", 1) if text.startswith("-") else text


def measured(interval: Interval | None, metric: Metric | None, *, sign: bool = False) -> Text:
    """Write a value and its interval; a counted number has none."""
    if interval is None:
        return ABSENT
    unit = metric.unit if metric else ""
    value = number(interval.value, unit, sign=sign)
    if metric and metric.source == "resource":
        return value
    return (value, Span(f" {ends(interval, metric, sign=sign)}", "muted"))


def ends(interval: Interval, metric: Metric | None, *, sign: bool = False) -> str:
    """Write an interval's ends: ``[0.7010, 0.7750]``; an end that is not known is ``?``."""
    unit = metric.unit if metric and metric.unit == "bytes" else ""
    low, high = (
        number(end, unit, sign=sign) if abs(end) != float("inf") else "?" for end in (interval.low, interval.high)
    )
    return f"[{low}, {high}]"


def percent(share: float) -> str:
    """Write a share in per cent: ``97.5 %``."""
    return f"{100 * share:.4g} %"


def seconds(value: float) -> str:
    """Write a duration: ``0.42 s``, ``75 s``, ``12.5 min``."""
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s" if value < 120 else f"{value / 60:.1f} min"


def counted(count: int, singular: str, plural: str = "") -> str:
    """Write a number of things: ``1 unit``, ``1,200 units``."""
    return f"{count:,} {singular if count == 1 else plural or f'{singular}s'}"

"""Targets: bars on metrics, read from options and from sentences, and judged by intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from nonet.errors import InputError
from nonet.trials.contract import Comparison, Interval, Metric, Target

_TIME = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "sec": 1e3, "min": 6e4, "h": 3.6e6}
_BYTES = {
    **{"B": 1.0, "bytes": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12},
    **{"KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40},
}
_TOKENS = {"tokens": 1.0, "k tokens": 1e3}
_SHARE = {"": 1.0, "%": 0.01}
_FAMILIES: tuple[Mapping[str, float], ...] = (_TIME, _BYTES, _TOKENS, _SHARE)
_SPELLINGS = {
    **{"byte": "bytes", "token": "tokens", "percent": "%", "per cent": "%", "k": "k tokens", "μs": "µs"},
    **{"millisecond": "ms", "milliseconds": "ms", "msec": "ms", "second": "s", "seconds": "s", "secs": "s"},
    **{"minute": "min", "minutes": "min", "mins": "min", "hour": "h", "hours": "h", "hr": "h"},
    **{"gigabytes": "GB", "megabytes": "MB", "kilobytes": "kB"},
}

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?"
_TARGET = re.compile(
    rf"\s*(?P<metric>[^<>=≤≥]+?)\s*(?P<comparison><=|>=|=<|=>|<|>|≤|≥)\s*(?P<number>{_NUMBER})(?P<unit>.*)"
)
_SIGNS: Mapping[str, Comparison] = {"≤": "<=", "=<": "<=", "≥": ">=", "=>": ">="}


def parse(text: str, metrics: Sequence[Metric]) -> Target:
    """Read a target such as ``p95_latency_ms<200``, ``p95_latency < 0.2 s`` or ``recall@10>=90%``.

    The value is converted to the metric's own unit; a value without a unit is in it already.

    Raises:
        InputError: it is no comparison, names an unknown metric, or a unit the metric cannot have.
    """
    match = _TARGET.fullmatch(text)
    if match is None or not re.search(r"\d", match["number"]):
        raise InputError(f"The target {text!r} is no comparison.", "Write METRIC<VALUE, such as p95_latency_ms<200.")
    metric = _named(match["metric"], metrics)
    sign = match["comparison"]
    comparison = _SIGNS[sign] if sign in _SIGNS else next(known for known in get_args(Comparison) if known == sign)
    return Target(metric.name, comparison, _converted(match["number"], match["unit"], metric))


def judge(target: Target, interval: Interval | None) -> bool | None:
    """Judge a target by a metric's interval: met, missed, or (``None``) not shown."""
    if interval is None:
        return None
    ends = {target.holds(interval.low), target.holds(interval.high)}
    return ends.pop() if len(ends) == 1 else None


def _named(name: str, metrics: Sequence[Metric]) -> Metric:
    wanted = _plain(name)
    exact = [metric for metric in metrics if _plain(metric.name) == wanted]
    found = exact or [metric for metric in metrics if _plain(_stem(metric)) == wanted]
    if len(found) != 1:
        known = ", ".join(metric.name for metric in metrics)
        raise InputError(f"There is no metric {name.strip()!r}.", f"Metrics here: {known}.")
    return found[0]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", re.sub(r"\s+at\s+", "@", name.strip().lower()))


def _stem(metric: Metric) -> str:
    """Name of a metric without the unit at its end: ``p95_latency`` of ``p95_latency_ms``."""
    return metric.name.removesuffix(f"_{metric.unit}") if metric.unit else metric.name


def _units(metric: Metric) -> Mapping[str, float]:
    """Units a metric's values may be given in → their size in the metric's own unit."""
    for family in _FAMILIES:
        if metric.unit in family:
            return {unit: size / family[metric.unit] for unit, size in family.items()}
    return {metric.unit: 1.0}


def _unit(text: str, units: Mapping[str, float]) -> str | None:
    """Return the unit that a text spells, case counting only where it must; ``None`` for no unit of these."""
    text = " ".join(text.split())
    if text in units:
        return text
    lowered = {unit.lower(): unit for unit in units}
    return lowered.get(_SPELLINGS.get(text.lower(), text).lower())


def _converted(number: str, unit: str, metric: Metric) -> float:
    units = _units(metric)
    found = metric.unit if not unit.strip() else _unit(unit, units)
    if found is None:
        allowed = ", ".join(known for known in units if known) or "none"
        raise InputError(f"{metric.name} has no unit {unit.strip()!r}.", f"Units it may have: {allowed}.")
    value = float(number.replace(",", ""))
    if not math.isfinite(value):
        raise InputError(f"The target's value {number} for {metric.name} is too large.", "Give a finite number.")
    # Through the decimal digits: 90 % is .9, not .9000000000000001.
    return float(f"{value * units[found]:.15g}")


# ---- sentences ------------------------------------------------------------------------------------------------

_MOST = (
    "under",
    "below",
    "less than",
    "at most",
    "within",
    "no more than",
    "not more than",
    "no greater than",
    "<=",
    "≤",
    "<",
)
_LEAST = ("at least", "over", "above", "more than", "greater than", "no less than", "not less than", ">=", "≥", ">")
_STRICT = ("under", "below", "less than", "<", "over", "above", "more than", "greater than", ">")
_WORDS = "|".join(re.escape(word) for word in sorted((*_MOST, *_LEAST), key=len, reverse=True))
_UNIT = "|".join(
    re.escape(unit) for unit in sorted({*_SPELLINGS, *(u for f in _FAMILIES for u in f if u)}, key=len, reverse=True)
)
_CLAIM = re.compile(
    rf"(?<!\w)(?P<word>{_WORDS})\s*(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>(?:{_UNIT})(?!\w))?(?![\w@])", re.I
)
_MULTIPLE = re.compile(
    r"(?<![\w.])(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?:[x×]|-?fold|times)(?!\w)\s*"
    r"(?:faster|as fast|(?:the\s+)?speed\b|speed-?\s?up|$|for\b)",
    re.I,
)
_CLAUSE = re.compile(r"[;!?\n]|[.,](?!\d)|\band\b|\bwith\b|\bbut\b", re.I)


def from_goal(text: str, metrics: Sequence[Metric]) -> list[Target]:
    """Find the targets that a sentence states: "p95 under 200 ms", "at least 90% recall@10", "index under 2 GB".

    Conservative: the clause must name a metric, or give bytes or tokens where one metric only is counted in them; the
    comparison must point the metric's good way; the unit must be one it may have. "Latency" alone means its 95th
    percentile. What is unclear is no target.
    """
    targets: dict[tuple[str, str], Target] = {}
    for clause in _CLAUSE.split(text):
        start = 0
        claims = list(_CLAIM.finditer(clause))
        for place, claim in enumerate(claims):
            end = claims[place + 1].start() if place + 1 < len(claims) else len(clause)
            target = _stated(claim, clause[start : claim.start()], clause[claim.end() : end], metrics)
            if target is not None:
                targets.setdefault((target.metric, target.comparison), target)
            start = claim.end()
        for target in _multiples(clause, metrics):
            targets.setdefault((target.metric, target.comparison), target)
    return list(targets.values())


def _multiples(clause: str, metrics: Sequence[Metric]) -> Iterator[Target]:
    """Yield the targets that a clause gives as a multiple of the baseline's speed: "3x speed-up", "3 times faster"."""
    ratios = [metric for metric in metrics if metric.against_baseline]
    for found in _MULTIPLE.finditer(clause) if len(ratios) == 1 else ():
        yield Target(ratios[0].name, ">=", float(found["number"].replace(",", "")))


def _stated(claim: re.Match[str], before: str, after: str, metrics: Sequence[Metric]) -> Target | None:
    word, unit = claim["word"].lower(), claim["unit"] or ""
    direction = "minimise" if word in _MOST else "maximise"
    fitting = [
        metric
        for metric in metrics
        if metric.direction == direction and (not unit or _unit(unit, _units(metric)) is not None)
    ]
    metric = _mentioned(before, fitting) or _mentioned(after, fitting)
    counted = [metric for metric in fitting if metric.unit in (*_BYTES, *_TOKENS)]
    if metric is None and unit and len(counted) == 1:
        metric = counted[0]
    if metric is None:
        return None
    strict, more = word in _STRICT, direction == "maximise"
    comparison: Comparison = (">" if strict else ">=") if more else ("<" if strict else "<=")
    return Target(metric.name, comparison, _converted(claim["number"], unit, metric))


def _mentioned(text: str, metrics: Sequence[Metric]) -> Metric | None:
    """Return the one metric that a text names, by its name, its name without the unit, or the first word of that."""
    plain = f" {_plain(text)} "
    for spell in (_name, _stem, _first_word):
        found = [metric for metric in metrics if f" {_plain(spell(metric))} " in plain]
        if len(found) == 1:
            return found[0]
    if " latency " in plain or " response time " in plain:
        tails = [metric for metric in metrics if metric.percentile == 95]
        return tails[0] if len(tails) == 1 else None
    return None


def _name(metric: Metric) -> str:
    return metric.name


def _first_word(metric: Metric) -> str:
    """``p95`` of ``p95_latency_ms``, ``recall`` of ``recall@10``."""
    return re.split(r"[_@]", metric.name)[0]

"""Drawing SVG: shapes that escape their text, colours for light and dark, scales with round ticks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from nonet.graphs.steps.reporting.document import one_line

_STYLE = (
    ".nonet{--ink:#1f2328;--muted:#59636e;--grid:#e3e7eb;--paper:#fff;--first:#0969da;--second:#bc4c00;--third:#8c959f;"
    "font:13px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif}"
    "@media(prefers-color-scheme:dark){.nonet{--ink:#e6edf3;--muted:#9198a1;--grid:#2a313a;--paper:#0d1117;"
    "--first:#58a6ff;--second:#f0883e;--third:#6e7681}}"
    ".nonet text{fill:var(--ink)}.nonet .small{font-size:12px;fill:var(--muted)}.nonet .bold{font-weight:600}"
)


@dataclass
class Canvas:
    """A drawing of ``width`` × ``height`` units; ``label`` is what it says to whoever cannot see it."""

    width: float
    height: float
    label: str
    _parts: list[str] = field(default_factory=list[str])

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str = "grid", width: float = 1, dash: str = ""
    ) -> None:
        """Draw a straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="var(--{colour})" '
            f'stroke-width="{width:g}"{dashed}/>'
        )

    def text(self, x: float, y: float, text: str, anchor: str = "start", kind: str = "", turned: bool = False) -> None:
        """Write a line of text; ``kind`` is "", "small" or "bold"."""
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        kinds = f' class="{kind}"' if kind else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kinds}{turn}>{escape(one_line(text))}</text>'
        )

    def dot(self, x: float, y: float, colour: str, radius: float = 5, title: str = "") -> None:
        """Draw a filled circle; ``title`` shows where a pointer rests on it."""
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="var(--{colour})" stroke="var(--paper)" '
            f'stroke-width="1.5"><title>{escape(one_line(title))}</title></circle>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, opacity: float = 1, title: str = ""
    ) -> None:
        """Draw a filled rectangle."""
        hint = f"<title>{escape(one_line(title))}</title>" if title else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
            f'fill="var(--{colour})" fill-opacity="{opacity:g}">{hint}</rect>'
        )

    def path(self, points: Sequence[tuple[float, float]], colour: str, *, filled: bool = False, dash: str = "") -> None:
        """Draw a line through points, or the area that they enclose."""
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        if filled:
            self._parts.append(f'<path d="M{steps}Z" fill="var(--{colour})" fill-opacity="0.75"/>')
        else:
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            self._parts.append(f'<path d="M{steps}" fill="none" stroke="var(--{colour})" stroke-width="1.5"{dashed}/>')

    def svg(self) -> str:
        """Return the drawing as one SVG element."""
        parts = "".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="nonet" role="img" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" aria-label="{escape(one_line(self.label))}">'
            f"<style>{_STYLE}</style>"
            f'<rect width="100%" height="100%" fill="var(--paper)"/>{parts}</svg>'
        )


@dataclass(frozen=True)
class Scale:
    """Maps values to a span of the drawing, by their logarithm where ``log``."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the place of a value; what lies outside is put at the edge."""
        bend: Callable[[float], float] = math.log10 if self.log else float
        low, high = bend(self.low), bend(self.high)
        share = (bend(min(max(value, self.low), self.high)) - low) / (high - low)
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Return round values within the scale."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            for digits in ((1, 2, 5), (1, 3), (1,)):
                found = [d * 10.0**p for p in powers for d in digits if self.low <= d * 10.0**p <= self.high]
                if len(found) <= most:
                    return found
            every = math.ceil(len(found) / most)
            return found[::every]
        step = _round_step((self.high - self.low) / most)
        first = math.ceil(self.low / step - 1e-9)
        return [round(place * step, 12) for place in range(first, math.floor(self.high / step + 1e-9) + 1)]


def around(values: Sequence[float], start: float, end: float, *, log: bool = False, pad: float = 0.06) -> Scale:
    """Return a scale that holds the values with some room at either side."""
    low, high = min(values), max(values)
    if log:
        room = (high / low) ** pad if high > low else 2.0
        return Scale(low / room, high * room, start, end, log=True)
    room = (high - low) * pad or abs(high) * 0.1 or 1.0
    return Scale(low - room, high + room, start, end)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(digit * power for digit in (1, 2, 2.5, 5, 10) if digit * power >= rough * 0.999)

"""Progress on stderr: one line that is rewritten, quiet when stderr is no terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import Any, TextIO


class Progress:
    """Says which step runs, trials done of planned, time and budget left, and the best so far."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._live = self._out.isatty()
        self._step = ""
        self._trials = ""
        self._best = ""
        self._left = ""

    def show(self, event: Mapping[str, Any]) -> None:
        """Take in one event of a run."""
        if not self._live:
            return
        if event["event"] == "step":
            self._line(f"· {event['title']}", end="\n")
            self._step = str(event["title"])
        elif event["event"] == "preparing":
            self._line(f"  {event['what']}", end="\n")
        elif event["event"] == "trial":
            self._trials = f"{event['done']}/{event['planned']} designs, {event['units']} units"
            value = event.get("value")
            self._best = "" if value is None else f"best {event['best']} {event['metric']} {value:.3f}"
            self._left = f"{event['left']} left" if event.get("left") else ""
            self._line("  " + " · ".join(part for part in (self._trials, self._left, self._best) if part))
        elif event["event"] in ("step_done", "result"):
            self._line("")

    def _line(self, text: str, end: str = "") -> None:
        width = shutil.get_terminal_size().columns - 1
        self._out.write("\r\x1b[2K" + text[:width] + end)
        self._out.flush()

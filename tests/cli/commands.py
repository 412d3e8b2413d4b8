"""One command of the command line and what it said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """The one object on stdout; anything else there fails."""
        return json.loads(self.out)


Command = Callable[..., Said]

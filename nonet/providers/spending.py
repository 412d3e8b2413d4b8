"""What the models of a run were asked, what that took, and what is left: one journal, written before an answer is used.

A row is one synchronised append, so an answer that was paid for survives kill -9 and is not paid for again: the same
question, asked again by a run that goes on, is answered from the journal. Limits stand before the next call: what it
may take at most must still fit.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nonet.errors import SpentError, storage
from nonet.providers.prices import price
from nonet.providers.provider import Provider
from nonet.providers.secrecy import strike


@dataclass(frozen=True)
class Asked:
    """One question to one model.

    Attributes:
        request: name of the question, by all that its answer depends on.
        step: the step, agent or seat that asked.
        outcome: ``answered``, or the fault.
        asked: tokens of the question; ``answered`` tokens of the answer; as the provider counted them.
        usd: what it cost, ``None`` where no price is known.
        seconds: until the answer was there.
        at: when it was there, seconds since the epoch.
        answer: the message as JSON; its text is data of others.
        prompt: version of the system prompt, a hash of its text (``prompt_version``); "" where there is none.
    """

    request: str
    step: str
    provider: str
    model: str
    outcome: str
    asked: int
    answered: int
    usd: float | None
    seconds: float
    at: float = field(default_factory=time.time)
    answer: Mapping[str, Any] | None = None
    prompt: str = ""


class Spending:
    """The journal of one run and its limits. Threads, and processes one after another, may write to one path.

    Args:
        path: the journal; ``None`` keeps it in memory, for a question outside a run.
        max_usd: USD that all calls may cost together.
        max_tokens: tokens that all calls may take together.
        hidden: secrets that are struck out of whatever is written.
    """

    def __init__(
        self,
        path: Path | None = None,
        max_usd: float | None = None,
        max_tokens: int | None = None,
        hidden: Sequence[str] = (),
    ) -> None:
        self.path, self.max_usd, self.max_tokens = path, max_usd, max_tokens
        self.hidden = tuple(value for value in hidden if value)
        self._lock = threading.Lock()
        self._rows = _read(path) if path else []
        self._reserved: dict[int, tuple[int, float]] = {}

    def rows(self) -> list[Asked]:
        """Return every question so far."""
        with self._lock:
            return list(self._rows)

    def answer(self, request: str) -> Mapping[str, Any] | None:
        """Return the answer that was paid for already, if there is one."""
        with self._lock:
            return next((row.answer for row in self._rows if row.request == request and row.answer is not None), None)

    def reserve(self, provider: Provider, asked: int, answered: int) -> int:
        """Set aside what a call may take at most; return the reservation, to be given to ``book``.

        Raises:
            SpentError: it could break a limit, or a limit in USD stands and the model has no price.
        """
        cost = price(provider)
        if self.max_usd is not None and cost is None:
            raise SpentError(
                f"The model {provider.name!r} has no known price, and the run may cost {self.max_usd:g} USD.",
                f"Set providers: {{{provider.name}: {{input_price: …, output_price: …}}}}.",
            )
        usd = cost.of(asked, answered) if cost else 0.0
        with self._lock:
            tokens = self._tokens() + asked + answered
            money = self._usd() + usd
            if self.max_tokens is not None and tokens > self.max_tokens:
                raise SpentError(f"The next call could take {tokens:,} tokens in all; {self.max_tokens:,} are allowed.")
            if self.max_usd is not None and money > self.max_usd:
                raise SpentError(
                    f"The next call could bring the cost to {money:.4g} USD; {self.max_usd:g} are allowed."
                )
            number = max(self._reserved, default=0) + 1
            self._reserved[number] = (asked + answered, usd)
            return number

    def book(self, reservation: int, row: Asked) -> None:
        """Write what a call came to, and release what was set aside for it.

        Raises:
            StorageError: the disk is full.
        """
        with self._lock:
            self._reserved.pop(reservation, None)
            self._rows.append(row)
            if self.path is not None:
                self._append(self.path, row)

    def keep(self, request: str, transcript: Mapping[str, Any]) -> None:
        """Write the transcript of a call, prompt and answer whole, beside the journal: ``models/REQUEST.json``.

        Raises:
            StorageError: the disk is full.
        """
        if self.path is None:
            return
        folder = self.path.parent / "models"
        content = self._struck(json.dumps(transcript, ensure_ascii=False, indent=1, default=str))
        with storage(folder, len(content)):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{request}.json").write_text(content, encoding="utf-8", errors="backslashreplace")

    def spent(self) -> tuple[int, float]:
        """Return tokens and USD so far, those of calls under way not counted."""
        with self._lock:
            rows = self._rows
            return sum(row.asked + row.answered for row in rows), sum(row.usd or 0.0 for row in rows)

    def _tokens(self) -> int:
        return sum(row.asked + row.answered for row in self._rows) + sum(
            tokens for tokens, _ in self._reserved.values()
        )

    def _usd(self) -> float:
        return sum(row.usd or 0.0 for row in self._rows) + sum(usd for _, usd in self._reserved.values())

    def _struck(self, text: str) -> str:
        """Strike secrets out of JSON, as JSON writes them."""
        return strike(text, [json.dumps(value, ensure_ascii=False)[1:-1] for value in self.hidden])

    def _append(self, path: Path, row: Asked) -> None:
        # Half a character, which some models answer, has no encoding; escaped it is JSON still.
        content = self._struck(json.dumps(asdict(row), ensure_ascii=False) + "\n").encode(errors="backslashreplace")
        with storage(path, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a+b") as file:
                if file.tell() and not _ends_a_line(path):  # the line that a kill tore
                    content = b"\n" + content
                file.write(content)
                file.flush()
                os.fsync(file.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _read(path: Path) -> list[Asked]:
    """Read a journal; a last line torn by a kill is left out."""
    if not path.exists():
        return []
    rows: list[Asked] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            rows.append(Asked(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return rows

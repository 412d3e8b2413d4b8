"""Answers given before, kept until the index, the design or the model changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path

from rag.answer import Answer

KEPT = 10_000


class AnswerCache:
    """An SQLite file of answers; where it cannot be written, nothing is kept and nothing fails."""

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version

    def get(self, question: str) -> Answer | None:
        """Return the answer kept for a question, if any."""
        with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(self._open()) as base:
            row = base.execute("SELECT answer FROM answers WHERE key = ?", (self._key(question),)).fetchone()
            if row:
                return replace(Answer(**json.loads(row[0])), question=question, cached=True)
        return None

    def put(self, answer: Answer) -> None:
        """Keep an answer; the oldest beyond 10,000 go."""
        with contextlib.suppress(sqlite3.Error, OSError), contextlib.closing(self._open()) as base, base:
            value = json.dumps(asdict(answer), ensure_ascii=False)
            base.execute(
                "INSERT OR REPLACE INTO answers (key, answer) VALUES (?, ?)", (self._key(answer.question), value)
            )
            base.execute("DELETE FROM answers WHERE rowid <= (SELECT MAX(rowid) FROM answers) - ?", (KEPT,))

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(self._path, timeout=5)
        base.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")
        return base

    def _key(self, question: str) -> str:
        words = " ".join(question.split())
        return hashlib.blake2b(f"{self._version}\0{words}".encode(), digest_size=16).hexdigest()

"""The SQLite file that holds what was read of one library, and BM25 over it.

Ranking is SQLite's FTS5 (BM25 with k1 = 1.2, b = 0.75) over stemmed words; a symbol has four columns, weighed.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nonet.tools.context7.exports import public_names
from nonet.tools.context7.signatures import Module, Symbol, module_name
from nonet.tools.ranking import words

README = "readme"
_FORMAT = 1
_WEIGHTS = (8.0, 1.5, 2.0, 1.0)
"""Of a word in the last part of a name, in the rest of it, in a signature, in a docstring."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (path TEXT PRIMARY KEY, size INTEGER, modified INTEGER, exports TEXT, listed TEXT);
CREATE TABLE IF NOT EXISTS symbols (id INTEGER PRIMARY KEY, path TEXT, name TEXT, module TEXT, kind TEXT,
    signature TEXT, docstring TEXT, defaults TEXT, line INTEGER, public TEXT, own TEXT, spoken TEXT);
CREATE INDEX IF NOT EXISTS by_name ON symbols (name);
CREATE INDEX IF NOT EXISTS by_own ON symbols (own);
CREATE VIRTUAL TABLE IF NOT EXISTS terms USING fts5(own, around, signature, docstring, content='');
"""
_COLUMNS = "SELECT id, name, module, kind, signature, docstring, defaults, line, public, path, spoken"
_ASKED = f"""{_COLUMNS}, -score FROM
    (SELECT rowid AS found, bm25(terms, ?, ?, ?, ?) AS score FROM terms WHERE terms MATCH ?
     ORDER BY score, rowid LIMIT ?) JOIN symbols ON id = found ORDER BY score, id"""


@dataclass(frozen=True)
class Stamp:
    """A source as it was read: path within the site folder, bytes, time of its last change (ns)."""

    path: str
    size: int
    modified: int


@dataclass(frozen=True)
class Match:
    """A symbol that shares words with a question, or a section of the README.

    Attributes:
        symbol: what it is; for the README ``kind`` is ``readme``, ``name`` the heading, ``docstring`` the text.
        public: the name that it is used by.
        path: its file within the site folder.
        spoken: the words, stemmed, that its names, signature and docstring hold.
        score: of BM25; 0 where a name alone led to it.
    """

    symbol: Symbol
    public: str
    path: str
    spoken: frozenset[str]
    score: float


class Store:
    """One library's file. Every method may raise ``sqlite3.Error``.

    Args:
        connection: in autocommit mode.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        if connection.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
            connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;")

    def known(self) -> set[Stamp]:
        """Return the sources that were read."""
        return {Stamp(*row) for row in self._connection.execute("SELECT path, size, modified FROM sources")}

    def add(self, modules: Mapping[Stamp, Module], *, anew: bool) -> None:
        """Add sources in one transaction; those that another process added since are passed over.

        Args:
            modules: what was read.
            anew: whether all that is there goes first.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            if anew:
                self._connection.execute("DELETE FROM sources")
                self._connection.execute("DELETE FROM symbols")
                self._connection.execute("INSERT INTO terms(terms) VALUES ('delete-all')")
            for stamp, module in modules.items():
                self._source(stamp, module)
            self._publish()
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def matches(self, query: str, named: Sequence[str], limit: int) -> list[Match]:
        """Return what shares words with a question, best first, then what goes by one of the names (dotted or not)."""
        asked = " OR ".join(f'"{word}"' for word in dict.fromkeys(words(query)))
        found = self._connection.execute(_ASKED, (*_WEIGHTS, asked, limit)).fetchall() if asked else []
        names = list({name.rpartition(".")[2].lower() for name in named})
        marks = ", ".join("?" * len(names))
        called = self._connection.execute(
            f"{_COLUMNS}, 0.0 FROM symbols WHERE own IN ({marks}) LIMIT ?", (*names, limit)
        )
        rows = {row[0]: row for row in [*called.fetchall(), *found]}
        order = dict.fromkeys([row[0] for row in found] + list(rows))
        return [_match(rows[number]) for number in order]

    def _source(self, stamp: Stamp, module: Module) -> None:
        added = self._connection.execute(
            "INSERT OR IGNORE INTO sources VALUES (?, ?, ?, ?, ?)",
            (stamp.path, stamp.size, stamp.modified, json.dumps(module.exports), json.dumps(module.listed)),
        )
        for symbol in module.symbols if added.rowcount else ():
            self._symbol(stamp.path, symbol)

    def _symbol(self, path: str, symbol: Symbol) -> None:
        around, _, own = ("", "", symbol.name) if symbol.kind == README else symbol.name.rpartition(".")
        terms = [words(text) for text in (own, around, symbol.signature, symbol.docstring)]
        spoken = " ".join(sorted({word for column in terms for word in column}))
        row = self._connection.execute(
            "INSERT INTO symbols VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (path, symbol.name, symbol.module, symbol.kind, symbol.signature, symbol.docstring,
             json.dumps(symbol.defaults), symbol.line, symbol.name, symbol.name.rpartition(".")[2].lower(), spoken),
        ).lastrowid  # fmt: skip
        self._connection.execute(
            "INSERT INTO terms(rowid, own, around, signature, docstring) VALUES (?, ?, ?, ?, ?)",
            (row, *(" ".join(column) for column in terms)),
        )

    def _publish(self) -> None:
        """Note the name that each symbol is used by; what was read last may pass on what was read before."""
        held: defaultdict[str, list[Symbol]] = defaultdict(list)
        for name, module in self._connection.execute("SELECT name, module FROM symbols WHERE kind != ?", (README,)):
            held[module].append(Symbol(name, module, "", "", "", {}, 0))
        modules = [
            Module(
                module_name(path), held[module_name(path)], [(a, b) for a, b in json.loads(exports)], json.loads(listed)
            )
            for path, exports, listed in self._connection.execute("SELECT path, exports, listed FROM sources")
        ]
        names = public_names(modules)
        self._connection.executemany("UPDATE symbols SET public = ?, own = ? WHERE name = ?", _changes(held, names))


def _match(row: Sequence[Any]) -> Match:
    _, name, module, kind, signature, docstring, defaults, line, public, path, spoken, score = row
    symbol = Symbol(name, module, kind, signature, docstring, json.loads(defaults), line)
    return Match(symbol, public, path, frozenset(spoken.split()), score)


def _changes(held: Mapping[str, Sequence[Symbol]], names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (public name, its last part, name) of the symbols whose two names differ; a class's members go with it."""
    changes: list[tuple[str, str, str]] = []
    for module, symbols in held.items():
        for symbol in symbols:
            own, _, member = symbol.name.removeprefix(f"{module}.").partition(".")
            public = names.get(f"{module}.{own}", "")
            if public and public != f"{module}.{own}":
                public = f"{public}.{member}" if member else public
                changes.append((public, public.rpartition(".")[2].lower(), symbol.name))
    return changes

"""Engines that are servers: a collection of ours is filled, searched, and dropped when it is no longer needed.

Trials measure on collections that end with their worker (``temporary``); what a killed worker left is dropped by the
next one on that machine, or after a day. What ships keeps one collection for each index it built, and fills it anew
where the server has lost it. Every name is ours, so that no collection of anybody else's is ever touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Columns, Condition
from vectordb.design import Design
from vectordb.engines.contract import Wanted, private_copy
from vectordb.errors import ServerError
from vectordb.servers.contract import KINDS, Server, Shape, Value, connect

FILE = "server.json"
DATA = "data"
LONGEST_LEFT = 86_400.0
"""Seconds after which a trial's collection has been left behind, whoever made it."""
_TRIAL = re.compile(r"nonet_trial_(?P<machine>[0-9a-f]{8})_(?P<pid>\d+)_(?P<made>\d+)_[0-9a-f]{6}")
_OURS = "vectors"
"""The table of a PostgreSQL of our own."""


@dataclass
class _Live:
    """A collection that this process has."""

    server: Server
    name: str


_live: dict[str, _Live] = {}
_state = {"temporary": False}


def temporary() -> None:
    """Make collections for this process alone from here on; see ``leave``."""
    _state["temporary"] = True


def leave() -> None:
    """Drop the collections that this process made for itself."""
    for token, live in list(_live.items()):
        del _live[token]
        with suppress(ServerError):
            live.server.drop(live.name)


def build(
    design: Design,
    vectors: NDArray[np.float32],
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
    out: Path,
) -> None:
    """Fill a collection and wait for its index; the vectors stay beside it, to fill it anew where it is lost."""
    columns = Columns(payloads) if payloads else None
    shape, token = _shape(design, vectors, metric, columns), secrets.token_hex(6)
    if not design.server_at:
        stored = _build_own(shape, vectors, columns, out)
    else:
        np.save(out / "vectors.npy", vectors)
        server, name = connect(design.engine, _url(design)), _name(token)
        _sweep(server)
        _fill(server, name, design, shape, vectors, columns)
        _live[token] = _Live(server, name)
        stored = server.size(name)
    (out / FILE).write_text(json.dumps({"token": token, "shape": asdict(shape), "bytes": stored}), encoding="utf-8")


def add(
    design: Design,
    vectors: NDArray[np.float32],
    first: int,
    payloads: Sequence[Mapping[str, Any]] | None,
    folder: Path,
) -> None:
    """Add rows to a PostgreSQL of our own, whose graph grows with its table."""
    from vectordb.servers.postgres import Postgres

    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    running = Postgres(folder / DATA)
    try:
        columns = Columns(payloads) if payloads else None
        _insert_rows(running.server, _OURS, vectors, columns, first, KINDS["pgvector"].batch)
        told["shape"]["rows"] += len(vectors)
        told["bytes"] = running.server.size(_OURS)
    finally:
        running.stop()
    (folder / FILE).write_text(json.dumps(told), encoding="utf-8")


def open_engine(design: Design, folder: Path, metric: str, columns: Columns | None) -> Collection:
    """Open the collection that was built; fill it where this process or the server does not have it."""
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    shape = _searched(Shape(**told["shape"]), design)
    fields = _fields(columns)
    if not design.server_at:
        from vectordb.servers.postgres import Postgres

        running = Postgres(private_copy(folder / DATA))
        return Collection(running.server, _OURS, shape, fields, running)
    token = str(told["token"])
    if token not in _live:
        server, name = connect(design.engine, _url(design)), _name(token)
        if _state["temporary"]:
            _sweep(server)
        if server.count(name) != shape.rows:
            server.drop(name)
            _fill(server, name, design, shape, np.load(folder / "vectors.npy", mmap_mode="r"), columns)
        _live[token] = _Live(server, name)
    live = _live[token]
    return Collection(live.server, live.name, shape, fields)


def stored_bytes(folder: Path) -> float | None:
    """Return the bytes of a built collection, where its server told them."""
    return json.loads((folder / FILE).read_text(encoding="utf-8"))["bytes"]


def discard(design: Design, folder: Path) -> None:
    """Drop the collection of a built index that is no longer needed."""
    if not design.server_at or not (folder / FILE).exists():
        return
    token = str(json.loads((folder / FILE).read_text(encoding="utf-8"))["token"])
    live = _live.pop(token, None)
    if live is None and not _state["temporary"]:
        live = _Live(connect(design.engine, _url(design)), _name(token))
    if live is not None:
        live.server.drop(live.name)


class Collection:
    """An opened collection."""

    def __init__(
        self, server: Server, name: str, shape: Shape, fields: Mapping[str, str], running: object = None
    ) -> None:
        self._server, self._name, self._shape, self._fields = server, name, shape, fields
        self._running = running  # its server lives as long as this does

    def search(self, vector: NDArray[np.float32], k: int, wanted: Wanted | None) -> NDArray[np.int64]:
        """Return up to ``k`` rows, best first."""
        where = [] if wanted is None else [self._safe(each) for each in wanted.conditions]
        found = self._server.search(self._name, self._shape, vector, min(k, self._shape.rows), where)
        return np.asarray(found, dtype=np.int64)

    def _safe(self, condition: Condition) -> Condition:
        value = condition.value
        if self._shape.fields[self._fields[condition.field]] == "text":
            value = str(value)
        return Condition(self._fields[condition.field], condition.op, value)


def _build_own(shape: Shape, vectors: NDArray[np.float32], columns: Columns | None, out: Path) -> float | None:
    """Fill a PostgreSQL of our own, whose data folder is the index."""
    from vectordb.servers import postgres

    postgres.initialise(out / DATA)
    running = postgres.Postgres(out / DATA)
    try:
        running.server.extend()
        _insert(running.server, _OURS, shape, vectors, columns, KINDS["pgvector"].batch)
        return running.server.size(_OURS)
    finally:
        running.stop()


def _fill(
    server: Server,
    name: str,
    design: Design,
    shape: Shape,
    vectors: NDArray[np.float32],
    columns: Columns | None,
) -> None:
    try:
        _insert(server, name, shape, vectors, columns, KINDS[design.engine].batch)
    except BaseException:
        with suppress(ServerError):
            server.drop(name)
        raise


def _insert(
    server: Server, name: str, shape: Shape, vectors: NDArray[np.float32], columns: Columns | None, batch: int
) -> None:
    server.create(name, shape)
    _insert_rows(server, name, vectors, columns, 0, batch)
    server.finish(name, shape)


def _insert_rows(
    server: Server, name: str, vectors: NDArray[np.float32], columns: Columns | None, first: int, batch: int
) -> None:
    fields = _fields(columns)
    for start in range(0, len(vectors), batch):
        part = np.asarray(vectors[start : start + batch])
        values = [_values(columns, fields, start + place) for place in range(len(part))]
        server.insert(name, first + start, part, values)


def _shape(design: Design, vectors: NDArray[np.float32], metric: str, columns: Columns | None) -> Shape:
    kinds = dict.fromkeys(columns.numbers, "number") | dict.fromkeys(columns.texts, "text") if columns else {}
    fields = {safe: kinds[name] for name, safe in _fields(columns).items()}
    shape = Shape(vectors.shape[1], metric, design.hnsw_m, design.ef_construction, 0, "none", fields, len(vectors))
    return _searched(shape, design)


def _searched(shape: Shape, design: Design) -> Shape:
    return Shape(**{**asdict(shape), "ef_search": design.ef_search, "quantization": design.quantization})


def _fields(columns: Columns | None) -> dict[str, str]:
    """Return payload field → a name that every server takes."""
    return {name: f"f{place}" for place, name in enumerate(columns.names)} if columns else {}


def _values(columns: Columns | None, fields: Mapping[str, str], row: int) -> dict[str, Value]:
    """Return a row's values by safe names; a missing number is left out, a missing text is the empty one."""
    if columns is None:
        return {}
    found: dict[str, Value] = {
        fields[name]: float(column[row]) for name, column in columns.numbers.items() if not np.isnan(column[row])
    }
    return found | {fields[name]: str(column[row]) for name, column in columns.texts.items()}


def _url(design: Design) -> str:
    """Return the URL of ``KIND=URL``."""
    return design.server_at.partition("=")[2]


def _name(token: str) -> str:
    if not _state["temporary"]:
        return f"nonet_{token}"
    return f"nonet_trial_{_machine()}_{os.getpid()}_{int(time.time())}_{secrets.token_hex(3)}"


def _machine() -> str:
    """Name this machine and its processes' numbering, shortly."""
    try:
        numbering = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        numbering = 0
    return hashlib.blake2b(f"{socket.gethostname()} {numbering}".encode(), digest_size=4).hexdigest()


def _sweep(server: Server) -> None:
    """Drop the collections of trials that ended without doing so: whose process is gone, or a day old."""
    for name in server.names():
        match = _TRIAL.fullmatch(name)
        if match is None:
            continue
        here = match["machine"] == _machine()
        old = time.time() - int(match["made"]) > LONGEST_LEFT
        if old or (here and not _runs(int(match["pid"]))):
            with suppress(ServerError):
                server.drop(name)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""A Qdrant server for tests: its REST interface, as far as the client uses it, over Qdrant's own engine.

It listens on loopback and ends with its ``with`` block. The engine is ``qdrant-edge-py``, so what it finds and how it
scores is Qdrant's; only the wire is ours. Requests that the client does not make here are refused.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

import qdrant_edge as engine

FAULTS = ("expired", "forbidden", "limit", "error", "no-json", "no-schema", "half", "dropped", "slow", "redirect")


class Qdrant(ThreadingHTTPServer):
    """The server; ``url`` is where it answers, ``asked`` what it was asked, ``refused`` how often for a wrong key.

    ``fault`` is what is wrong with its answers to paths that end in ``faulty``, one of ``FAULTS``, "" for nothing.
    """

    daemon_threads = True

    def __init__(self, folder: Path, key: str = "", port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.folder, self.key, self.refused = folder, key, 0
        self.shards: dict[str, engine.EdgeShard] = {}
        self.asked: list[str] = []
        self.fault, self.faulty = "", "/"
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, method: str, path: str, body: Any) -> Any:
        """Return the ``result`` of a request; ``None`` is 404."""
        match = re.fullmatch(r"/collections/([\w-]+)(/[a-z/]+)?", path)
        assert match, path
        name, what = match[1], match[2] or ""
        shard = self.shards.get(name)
        if (method, what) == ("GET", "/exists"):
            return {"exists": shard is not None}
        if (method, what) == ("PUT", ""):
            self.shards[name] = self._created(name, body)
            return True
        if shard is None:
            return None
        if (method, what) == ("PUT", "/index"):
            kind = {"keyword": engine.PayloadSchemaType.Keyword}[body["field_schema"]]
            shard.update(engine.UpdateOperation.create_field_index(body["field_name"], kind))
            return {"operation_id": 0, "status": "completed"}
        if (method, what) == ("PUT", "/points"):
            shard.update(engine.UpdateOperation.upsert_points([_point(each) for each in body["points"]]))
            return {"operation_id": 0, "status": "completed"}
        if (method, what) == ("POST", "/points/query"):
            near = engine.Query.Nearest(_sparse(body["query"]["nearest"]), using=body["using"])
            request = engine.QueryRequest(
                limit=body["limit"], query=near, filter=_filter(body["filter"]), with_payload=True
            )
            return {"points": [{**_shown(each), "version": 0, "score": each.score} for each in shard.query(request)]}
        assert (method, what) == ("POST", "/points/scroll"), (method, path)
        records, offset = shard.scroll(
            engine.ScrollRequest(
                limit=body["limit"], offset=body.get("offset"), filter=_filter(body["filter"]), with_payload=True
            )
        )
        return {"points": [_shown(each) for each in records], "next_page_offset": offset}

    def _created(self, name: str, body: Any) -> engine.EdgeShard:
        sparse = {
            each: engine.EdgeSparseVectorParams(
                modifier=engine.Modifier.Idf if given.get("modifier") == "idf" else None
            )
            for each, given in body["sparse_vectors"].items()
        }
        folder = self.folder / name
        folder.mkdir(parents=True)
        return engine.EdgeShard.create(str(folder), engine.EdgeConfig(sparse_vectors=sparse))


class _Handler(BaseHTTPRequestHandler):
    server: Qdrant
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        path = self.path.partition("?")[0]
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        with self.server.lock:
            self.server.asked.append(f"{self.command} {path}")
            if self.server.key and self.headers.get("api-key") != self.server.key:
                self.server.refused += 1
                self._say(401, {"status": {"error": "Must provide an API key"}})
                return
            fault = self.server.fault if path.endswith(self.server.faulty) else ""
            result = None if fault else self.server.answer(self.command, path, body)
        if fault:
            self._fail(fault)
        elif result is None:
            self._say(404, {"status": {"error": "Not found"}, "time": 0.0})
        else:
            self._say(200, {"result": result, "status": "ok", "time": 0.0})

    do_GET = do_PUT = do_POST = _any

    def _say(self, code: int, content: Any, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        text = json.dumps(content).encode()
        self._send(code, text, headers, len(text))

    def _send(self, code: int, text: bytes, headers: Mapping[str, str], length: int) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def _fail(self, fault: str) -> None:
        statuses = {"expired": (401, "API key expired"), "forbidden": (403, "Forbidden"), "error": (500, "panicked")}
        if fault in statuses:
            code, said = statuses[fault]
            self._say(code, {"status": {"error": said}, "time": 0.0})
        elif fault == "limit":
            self._say(429, {"status": {"error": "Rate limit exceeded"}}, {"Retry-After": "30"})
        elif fault == "redirect":
            self._say(302, {}, {"Location": "http://127.0.0.1:1/"})
        elif fault in ("no-json", "half"):
            self._send(
                200,
                b"<html>a proxy's page</html>" if fault == "no-json" else b'{"result": {"exi',
                {},
                27 if fault == "no-json" else 500,
            )
        elif fault == "no-schema":
            self._say(200, {"result": {"points": "many"}, "status": "ok"})
        elif fault == "slow":
            time.sleep(1.5)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path, key: str = "", port: int = 0) -> Iterator[Qdrant]:
    """Serve until the block ends."""
    with Qdrant(folder, key, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=10)
            for shard in server.shards.values():
                shard.close()


def _sparse(given: Any) -> engine.SparseVector:
    return engine.SparseVector(given["indices"], given["values"])


def _point(given: Any) -> engine.Point:
    return engine.Point(given["id"], {name: _sparse(each) for name, each in given["vector"].items()}, given["payload"])


def _filter(given: Any) -> engine.Filter:
    return engine.Filter(
        must=[engine.FieldCondition(each["key"], match=engine.MatchAny(each["match"]["any"])) for each in given["must"]]
    )


def _shown(point: Any) -> dict[str, Any]:
    return {"id": point.id, "payload": point.payload}

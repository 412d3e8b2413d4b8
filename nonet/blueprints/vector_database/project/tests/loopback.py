"""Servers on loopback that speak the REST interfaces of Qdrant, Milvus, Weaviate and Pinecone; searches are exact.

What is asked in a form that the real server would refuse is refused here too.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "gt": lambda a, b: a is not None and a > b,
    "gte": lambda a, b: a is not None and a >= b, "lt": lambda a, b: a is not None and a < b,
    "lte": lambda a, b: a is not None and a <= b,
}  # fmt: skip


@dataclass
class Table:
    """A collection: how it compares, and its rows."""

    metric: str
    width: int
    rows: dict[int, tuple[np.ndarray, dict[str, Any]]] = field(default_factory=dict)
    loaded: bool = False

    def search(self, vector: list[float], k: int, passes: Callable[[dict[str, Any]], bool]) -> list[tuple[int, float]]:
        query = np.asarray(vector, dtype=np.float64)
        if len(query) != self.width:
            raise Refused(400, f"Vector dimension error: expected dim: {self.width}, got {len(query)}")
        ids = [row for row, (_, payload) in self.rows.items() if passes(payload)]
        if not ids:
            return []
        held = np.stack([self.rows[row][0] for row in ids])
        scores = {
            "l2": lambda: -np.linalg.norm(held - query, axis=1),
            "l1": lambda: -np.abs(held - query).sum(axis=1),
        }.get(self.metric, lambda: held @ query)()
        return [(ids[place], float(scores[place])) for place in np.argsort(-scores)[:k]]


class Refused(Exception):
    """An answer of a status that is no success."""


@dataclass
class State:
    """A server: its collections, the key it wants, and the faults to come (status, headers, body), first to last."""

    key: str = ""
    tables: dict[str, Table] = field(default_factory=dict)
    faults: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    pinecone: dict[str, Any] = field(default_factory=lambda: {"dimension": 32, "metric": "dotproduct"})
    unseen: int = 0


def answer(state: State, method: str, path: str, headers: Mapping[str, str], body: Any) -> Any:
    """Answer as the server whose path it is."""
    path = path.split("?", maxsplit=1)[0]
    kind = "milvus" if path.startswith("/v2/") else "weaviate" if path.startswith("/v1/") else "qdrant"
    if not path.startswith(("/v1/", "/v2/", "/collections")):
        kind = "pinecone"
    sent = headers.get({"qdrant": "api-key", "pinecone": "Api-Key"}.get(kind, "Authorization"), "")
    if sent.removeprefix("Bearer ") != state.key:
        raise Refused(401, f"Invalid API key or JWT: {sent}")
    return {"qdrant": qdrant, "milvus": milvus, "weaviate": weaviate, "pinecone": pinecone}[kind](
        state, method, path, body
    )


def qdrant(state: State, method: str, path: str, body: Any) -> Any:
    _, _, name, *rest = [*path.split("/"), ""]
    if not name:
        return {"result": {"collections": [{"name": each} for each in state.tables]}}
    if method == "PUT" and rest == [""]:
        if name in state.tables:
            raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
        distance = {"Dot": "dot", "Euclid": "l2", "Manhattan": "l1"}[body["vectors"]["distance"]]
        state.tables[name] = Table(distance, body["vectors"]["size"])
        return {"result": True}
    if method == "DELETE":
        return {"result": state.tables.pop(name, None) is not None}
    if name not in state.tables:
        raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
    table = state.tables[name]
    if rest[0] == "index":
        assert body["field_schema"] in ("float", "keyword")
        return {"result": {"status": "completed"}}
    if rest[:2] == ["points", ""]:
        for point in body["points"]:
            table.rows[point["id"]] = (np.asarray(point["vector"]), point["payload"])
        return {"result": {"status": "completed"}}
    if rest[:2] == ["points", "count"]:
        return {"result": {"count": len(table.rows)}}
    if rest[:2] == ["points", "query"]:
        wanted = body.get("filter", {})
        found = table.search(
            body["query"],
            body["limit"],
            lambda payload: (
                all(_qdrant_met(each, payload) for each in wanted.get("must", []))
                and not any(_qdrant_met(each, payload) for each in wanted.get("must_not", []))
            ),
        )
        return {"result": {"points": [{"id": row, "version": 0, "score": score} for row, score in found]}}
    return {"result": {"status": "green", "points_count": len(table.rows)}}


def _qdrant_met(condition: Any, payload: dict[str, Any]) -> bool:
    value = payload.get(condition["key"])
    if "match" in condition:
        return value == condition["match"]["value"]
    return all(TESTS[op](value, bound) for op, bound in condition["range"].items())


def milvus(state: State, method: str, path: str, body: Any) -> Any:
    name, what = body.get("collectionName", ""), path.removeprefix("/v2/vectordb/")
    if what == "collections/list":
        return {"code": 0, "data": list(state.tables)}
    if what == "collections/create":
        fields = {each["fieldName"]: each for each in body["schema"]["fields"]}
        (index,) = body["indexParams"]
        assert index["indexType"] == "HNSW"
        assert set(index["params"]) == {"M", "efConstruction"}
        width = int(fields["vector"]["elementTypeParams"]["dim"])
        state.tables[name] = Table({"L2": "l2", "IP": "dot"}[index["metricType"]], width)
        return {"code": 0, "data": {}}
    if what == "collections/drop":
        return {"code": 0, "data": {}} if state.tables.pop(name, None) else {"code": 100, "message": "can't find it"}
    if name not in state.tables:
        return {"code": 100, "message": f"can't find collection[database=default][collection={name}]"}
    table = state.tables[name]
    if what == "entities/insert":
        for each in body["data"]:
            row, vector = each.pop("id"), each.pop("vector")
            table.rows[row] = (np.asarray(vector), each)
        return {"code": 0, "data": {"insertCount": len(body["data"])}}
    if what == "indexes/describe":
        return {"code": 0, "data": [{"fieldName": "vector", "indexState": "Finished"}]}
    if what == "collections/load":
        table.loaded = True
    if what == "collections/get_load_state":
        return {"code": 0, "data": {"loadState": "LoadStateLoaded" if table.loaded else "LoadStateNotLoad"}}
    if what in ("entities/search", "entities/query") and not table.loaded:
        return {"code": 101, "message": "collection not loaded"}
    if what == "entities/query":
        return {"code": 0, "data": [{"count(*)": len(table.rows)}]}
    if what == "entities/search":
        if body["searchParams"]["params"]["ef"] < body["limit"]:
            return {"code": 1100, "message": f"ef should be larger than k({body['limit']})"}
        found = table.search(body["data"][0], body["limit"], _milvus_passes(body.get("filter", "")))
        return {"code": 0, "cost": 0, "data": [{"id": row, "distance": score} for row, score in found]}
    return {"code": 0, "data": {}}


def _milvus_passes(expression: str) -> Callable[[dict[str, Any]], bool]:
    signs = {"==": "eq", "!=": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
    clauses = [re.fullmatch(r"(\w+) (==|!=|>=|<=|>|<) (.+)", each) for each in expression.split(" and ") if each]
    return lambda payload: all(
        each is not None and TESTS[signs[each[2]]](payload.get(each[1]), json.loads(each[3])) for each in clauses
    )


def weaviate(state: State, method: str, path: str, body: Any) -> Any:
    if path == "/v1/schema" and method == "GET":
        return {"classes": [{"class": name} for name in state.tables]}
    if path == "/v1/schema":
        assert body["class"][0].isupper()
        assert all(each["dataType"][0] in ("int", "number", "text") for each in body["properties"])
        distance = {"dot": "dot", "l2-squared": "l2", "manhattan": "l1"}[body["vectorIndexConfig"]["distance"]]
        state.tables[body["class"]] = Table(distance, 32)
        return body
    if path.startswith("/v1/schema/"):
        state.tables.pop(path.rpartition("/")[2], None)
        return None
    if path == "/v1/batch/objects":
        for each in body["objects"]:
            properties = dict(each["properties"])
            state.tables[each["class"]].rows[properties.pop("row")] = (np.asarray(each["vector"]), properties)
        return [{"id": each["id"], "result": {"status": "SUCCESS"}} for each in body["objects"]]
    query = body["query"]
    if counting := re.fullmatch(r"\{Aggregate\{(\w+)\{meta\{count\}\}\}\}", query):
        return {"data": {"Aggregate": {counting[1]: [{"meta": {"count": len(state.tables[counting[1]].rows)}}]}}}
    asked = re.fullmatch(
        r"\{Get\{(\w+)\(limit:(\d+),nearVector:\{vector:(\[.*?\])\}(?:,where:(.*))?\)\{row\}\}\}", query
    )
    if asked is None:
        return {"errors": [{"message": f"Syntax Error GraphQL request: {query[:40]}"}]}
    clauses = re.findall(r'\{path:\["(\w+)"\],operator:(\w+),value\w+:(.*?)\}', asked[4] or "")
    signs = {"Equal": "eq", "NotEqual": "ne", "GreaterThan": "gt", "LessThan": "lt", "GreaterThanEqual": "gte"}
    signs["LessThanEqual"] = "lte"
    found = state.tables[asked[1]].search(
        json.loads(asked[3]),
        int(asked[2]),
        lambda payload: all(TESTS[signs[op]](payload.get(name), json.loads(value)) for name, op, value in clauses),
    )
    return {"data": {"Get": {asked[1]: [{"row": row} for row, _ in found]}}}


def pinecone(state: State, method: str, path: str, body: Any) -> Any:
    if path == "/describe_index_stats":
        state.unseen -= 1
        seen = state.tables if state.unseen < 0 else {}
        return {**state.pinecone, "namespaces": {name: {"vectorCount": len(each.rows)} for name, each in seen.items()}}
    name = body["namespace"]
    if path == "/vectors/upsert":
        table = state.tables.setdefault(name, Table("dot", state.pinecone["dimension"]))
        for each in body["vectors"]:
            table.rows[int(each["id"])] = (np.asarray(each["values"]), each["metadata"])
        return {"upsertedCount": len(body["vectors"])}
    if path == "/vectors/delete":
        if state.tables.pop(name, None) is None:
            raise Refused(404, "Namespace not found")
        return {}
    assert path == "/query"
    clauses = body.get("filter", {}).get("$and", [])
    found = state.tables[name].search(
        body["vector"],
        body["topK"],
        lambda payload: all(
            TESTS[op[1:]](payload.get(where), value)
            for clause in clauses
            for where, test in clause.items()
            for op, value in test.items()
        ),
    )
    return {"matches": [{"id": str(row), "score": score} for row, score in found], "namespace": name}


@contextmanager
def running(state: State) -> Iterator[str]:
    """Run a server on a free port of loopback; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.asked.append(f"{self.command} {self.path}")
            if state.faults:
                status, headers, body = state.faults.pop(0)
            else:
                headers = {}
                try:
                    found = answer(state, self.command, self.path, self.headers, json.loads(text) if text else {})
                    status, body = 200, b"" if found is None else json.dumps(found).encode()
                except Refused as refused:
                    status, body = refused.args[0], json.dumps({"status": {"error": refused.args[1]}}).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = _any  # noqa: N815 (the base class names them so)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

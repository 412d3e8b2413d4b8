"""Servers that a person gives: how they are written, what designs with them look like, what these may reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from nonet.state import Json
from nonet.trials.access import of_url
from nonet.trials.contract import Access

ENGINES: Mapping[str, str] = {
    "qdrant": "qdrant_server",
    "milvus": "milvus",
    "weaviate": "weaviate",
    "pinecone": "pinecone",
    "pgvector": "pgvector",
}
"""How a server is written → the design's engine."""
KEYS: Mapping[str, str] = {
    "qdrant_server": "QDRANT_API_KEY",
    "milvus": "MILVUS_TOKEN",
    "weaviate": "WEAVIATE_API_KEY",
    "pinecone": "PINECONE_API_KEY",
    "pgvector": "PGPASSWORD",
}
"""Engine → the environment variable that holds its key."""
_POSTGRES = 5432


def parse(text: str) -> tuple[str, str]:
    """Return the engine and the URL of ``KIND=URL``.

    Raises:
        ValueError: it is none, or its URL holds a password.
    """
    kind, _, url = text.partition("=")
    engine, parts = ENGINES.get(kind.strip().lower()), urlsplit(url.strip())
    if engine is None:
        raise ValueError(f"{kind!r} is no kind of server; write {', '.join(ENGINES)}, then =URL")
    schemes = ("postgresql", "postgres") if engine == "pgvector" else ("http", "https")
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"{url!r} is no URL of {kind}; write {kind}={schemes[0]}://HOST:PORT")
    if parts.password:
        raise ValueError(f"the URL of {kind} holds a password; put it into {KEYS[engine]}")
    return engine, url.strip()


def fields(given: Sequence[str]) -> list[dict[str, Json]]:
    """Return the fields of a design for each server given; ``server_at`` is as it was written, so that kinds agree."""
    return [{"engine": engine, "server_at": written(engine, url)} for engine, url in map(parse, given)]


def written(engine: str, url: str) -> str:
    """Write a server as KIND=URL."""
    return f"{next(kind for kind, each in ENGINES.items() if each == engine)}={url}"


def foreign(design: Mapping[str, Json], given: Sequence[str]) -> str:
    """Return what would give the server that a canonical design names and the inputs do not; "" where they do."""
    place = str(design.get("server_at", ""))
    if not place or place in {written(*parse(each)) for each in given}:
        return ""
    return f"its server: --server {place.partition('=')[0]}=URL"


def access(design: Mapping[str, Json]) -> Access:
    """Return what a design's worker may reach: its server with its key, or what a PostgreSQL of its own needs."""
    engine, place = str(design.get("engine", "")), str(design.get("server_at", ""))
    if engine not in KEYS:
        return Access()
    if not place:
        return Access(system_v=True)
    url = parse(place)[1]
    parts, host = urlsplit(url), of_url(url)
    if engine == "pgvector" and parts.port is None:
        host = f"{host.rpartition(':')[0]}:{_POSTGRES}"
    return Access(hosts=(host,), variables=(KEYS[engine],))

"""A memory that many machines share, in a Qdrant server: its collection is the truth, the journal here its outbox.

The collection has the vectors and the payload of the embedded index, and the entries themselves. An entry's id is its
key, so that what is sent twice is there once. The server's key is read from ``QDRANT_API_KEY`` for each connection.
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast, get_args

from nonet.errors import MissingExtraError, ToolError
from nonet.providers.reach import loopback
from nonet.state import Json
from nonet.tools.qdrant.journal import Entry, Journal, Kind
from nonet.tools.qdrant.points import FILTERS, FORMAT, VECTORS, Hit, Question, payload, vectors

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

COLLECTION = f"nonet-memory-{FORMAT}"
KEY = "QDRANT_API_KEY"
_SECONDS = 10
_BATCH = 100


@dataclass(frozen=True)
class Server:
    """The server at a URL.

    Every call raises ``ToolError`` when the server does not answer as it should and ``MissingExtraError`` without the
    client's package.
    """

    url: str

    @property
    def loopback(self) -> bool:
        """Whether the URL names this machine, judged by the name alone: nothing is looked up."""
        return loopback(self.url)

    def deliver(self, journal: Journal) -> None:
        """Send what waits in the journal; a collection that had to be made gets all of it."""
        with self._client() as client:
            entries = journal.entries() if _made(client) else journal.waiting(self.url)
            for begin in range(0, len(entries), _BATCH):
                some = entries[begin : begin + _BATCH]
                client.upsert(COLLECTION, [_point(entry) for entry in some], wait=True)
                journal.arrived(self.url, [entry.number for entry in some])

    def search(self, question: Question) -> list[Hit]:
        """Return the entries near to a question."""
        from qdrant_client import models

        found: dict[str, tuple[Entry, dict[str, float]]] = {}
        with self._client() as client:
            for name, asked in question.vectors.items():
                if not asked:
                    continue
                response = client.query_points(
                    COLLECTION,
                    query=models.SparseVector(indices=list(asked), values=list(asked.values())),
                    using=name,
                    query_filter=_where(question.where),
                    limit=question.limit,
                )
                for point in response.points:
                    entry = _entry(point.payload)
                    found.setdefault(entry.key, (entry, {}))[1][name] = point.score
        return [Hit(entry, scores) for entry, scores in found.values()]

    def entries(self, where: Mapping[str, Sequence[str]]) -> list[Entry]:
        """Return all entries whose payload has one of the values, oldest first."""
        found: list[Entry] = []
        with self._client() as client:
            offset = None
            while True:
                points, offset = client.scroll(COLLECTION, _where(where), limit=_BATCH, offset=offset)
                found += [_entry(point.payload) for point in points]
                if offset is None:
                    return sorted(found, key=lambda entry: (entry.written, entry.key))

    @contextlib.contextmanager
    def _client(self) -> Generator[QdrantClient]:
        if find_spec("qdrant_client") is None:
            raise MissingExtraError("qdrant", f"The memory server {self.url}")
        from qdrant_client import QdrantClient
        from qdrant_client.common.client_exceptions import QdrantException
        from qdrant_client.http.exceptions import ApiException

        key = os.environ.get(KEY) or None
        if self.loopback:
            warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        # A proxy of the environment's would carry what is said to this machine out of it.
        client = QdrantClient(
            url=self.url, api_key=key, timeout=_SECONDS, check_compatibility=False, trust_env=not self.loopback
        )
        try:
            yield client
        except (ApiException, QdrantException) as error:
            reason = " ".join(str(error).split())[:200].rstrip(".")
            hidden = reason.replace(key, "…") if key else reason
            raise ToolError(f"The memory server {self.url} did not answer: {hidden}.", "Is it running?") from error
        except ValueError as error:
            # The client lets through what is no JSON: a proxy's page, for instance.
            reason = "what it said is no answer of Qdrant's"
            raise ToolError(f"The memory server {self.url} did not answer: {reason}.", "Is it Qdrant?") from error
        finally:
            client.close()


def _made(client: QdrantClient) -> bool:
    """Make the collection if there is none, and say whether there was none."""
    from qdrant_client import models
    from qdrant_client.http.exceptions import UnexpectedResponse

    if client.collection_exists(COLLECTION):
        return False
    try:
        client.create_collection(
            COLLECTION,
            vectors_config={},
            sparse_vectors_config={
                name: models.SparseVectorParams(modifier=models.Modifier.IDF if weighed else None)
                for name, weighed in VECTORS.items()
            },
        )
    except UnexpectedResponse:
        # Another process was first.
        if not client.collection_exists(COLLECTION):
            raise
    for name in FILTERS:
        client.create_payload_index(COLLECTION, name, models.PayloadSchemaType.KEYWORD)
    return True


def _where(where: Mapping[str, Sequence[str]]) -> Any:
    from qdrant_client import models

    conditions = [
        models.FieldCondition(key=name, match=models.MatchAny(any=list(values))) for name, values in where.items()
    ]
    return models.Filter(must=cast("list[models.Condition]", conditions))


def _point(entry: Entry) -> Any:
    from qdrant_client import models

    sparse: dict[str, Any] = {
        name: models.SparseVector(indices=list(each), values=list(each.values()))
        for name, each in vectors(entry).items()
    }
    # As text: the server's own reading of numbers may lose their last bit.
    body = json.dumps(entry.body, ensure_ascii=False)
    kept = {**payload(entry), "key": entry.key, "written": entry.written, "body": body}
    return models.PointStruct(id=int(entry.key, 16), vector=sparse, payload=cast("dict[str, Any]", kept))


def _entry(kept: Mapping[str, Any] | None) -> Entry:
    """Read an entry from a payload; what is no entry of ours is refused.

    Raises:
        ToolError: the payload is another's.
    """
    try:
        fields = dict(kept or {})
        kind: Kind = fields["kind"]
        key, workflow, body = str(fields["key"]), str(fields["workflow"]), json.loads(fields["body"])
        if kind not in get_args(Kind) or not isinstance(body, dict):
            raise TypeError(kind)
        return Entry(0, key, kind, workflow, float(fields["written"]), cast("dict[str, Json]", body))
    except (KeyError, TypeError, ValueError) as error:
        raise ToolError(f"The collection {COLLECTION} holds what is no memory of Nonet's.") from error

"""The user's existing system, read from excerpts of its code: splitter, embedding, retrieval, reranker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from nonet.blueprints.rag_system.existing import code, models, retrieval, splitters
from nonet.blueprints.rag_system.existing.system import Existing
from nonet.blueprints.rag_system.existing.values import Values
from nonet.blueprints.rag_system.given_models import GivenModels
from nonet.state import Evidence

__all__ = ["Existing", "recognise"]

STEP = "existing_code"
_PYTHON = (".py", ".pyi", ".ipynb")
_TEST = re.compile(r"(^|/)(tests?|testing)/|(^|/)test_|_test\.")
_TELLING = re.compile(
    rf"\b({'|'.join(splitters.NAMES)}|{models.EMBEDDERS.pattern}|{models.RERANKERS.pattern}|{retrieval.NAMES.pattern})\b"
    r"|MiniLM|chunk_?(size|overlap)|tokens_per_chunk|split_length|search_type|\w+\[\w+ ?: ?\w+ ?\+ ?\w+\]",
    re.I,
)


def recognise(evidence: Sequence[Evidence], given: GivenModels | None = None) -> Existing | None:
    """Read a system from the excerpts of step ``existing_code``; ``None`` when none of its parts is recognised.

    Args:
        evidence: of the whole run.
        given: models of the user's, which stand for the system's own where these are not here.
    """
    # What the history says was so once is not the system that is there.
    now = [item for item in evidence if item.step == STEP and item.tool not in ("git_log", "git_blame")]
    excerpts = _product(now)
    python = [item for item in excerpts if _path(item).endswith(_PYTHON)]
    texts = [code.plain(item.excerpt) for item in python]
    values = Values.read(texts, [code.plain(item.excerpt) for item in excerpts if item not in python])
    found, whole, system = code.calls(texts), "\n".join(texts), Existing()
    splitters.read(found, values, whole, system)
    vectors = models.read_embedding(found, values, whole, given or GivenModels(), system)
    retrieval.read(found, values, whole, vectors, system)
    models.read_reranker(found, values, given or GivenModels(), system)
    if not system.parts:
        return None
    system.fields["title_prefix"] = False
    system.tidy()
    telling = [item for item in excerpts if _TELLING.search(item.excerpt)]
    system.evidence = tuple(item.id for item in telling)
    system.references = tuple(item.reference for item in telling)
    return system


def _product(excerpts: Sequence[Evidence]) -> list[Evidence]:
    """The excerpts of the product; its tests count where there is nothing else."""
    return [item for item in excerpts if not _TEST.search(_path(item))] or list(excerpts)


def _path(item: Evidence) -> str:
    """The file of an excerpt; one without a known ending is taken to be Python."""
    path = str(item.facts.get("path") or item.reference.partition(":")[0])
    return path if PurePosixPath(path).suffix else f"{path}.py"

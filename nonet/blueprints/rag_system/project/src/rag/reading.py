"""Reading a corpus into ``documents.jsonl``, and telling what changed since it was read before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from rag.documents import model
from rag.errors import CorpusError
from rag.parsed import Parsed

SKIPPED = "skipped.jsonl"


def ingest(
    source: Path, out: Path, collection: bool = False, file_times: bool = False, parsed: Parsed | None = None
) -> dict[str, float]:
    """Read the documents below ``source`` into ``out/documents.jsonl``, what was left out into ``out/skipped.jsonl``.

    Args:
        file_times: record files' own times of change; without it the result is a function of names and bytes alone.
        parsed: what was parsed before, taken again where a file is the same.

    Raises:
        CorpusError: there is no such place, or nothing readable in it.
    """
    out.mkdir(parents=True, exist_ok=True)
    from rag.documents import folder  # its readers of HTML and Markdown are slow to import

    skipped: list[folder.Skipped] = []

    def documents() -> Iterator[model.Document]:
        for found in folder.read(source, collection, file_times, parsed or folder.parse):
            if isinstance(found, folder.Skipped):
                skipped.append(found)
            else:
                yield found

    count = model.write(documents(), out / model.FILE)
    lines = (json.dumps({"name": item.name, "reason": item.reason}, ensure_ascii=False) for item in skipped)
    (out / SKIPPED).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if not count:
        first = f" ({skipped[0].name}: {skipped[0].reason})" if skipped else ""
        raise CorpusError(f"No readable document in {source}{first}.")
    return {"documents": float(count), "skipped": float(len(skipped))}


def changes(now: Path, before: Path | None) -> dict[str, float]:
    """Count the documents of ``now`` that are new, changed or the same, and those of ``before`` that are gone.

    Args:
        now: a folder with ``documents.jsonl``; ``before`` another, or none, of which nothing is known.
    """
    held = _hashes(before) if before is not None else {}
    found = _hashes(now)
    same = sum(1 for name, digest in found.items() if held.get(name) == digest)
    added = sum(1 for name in found if name not in held)
    return {
        "added": float(added),
        "changed": float(len(found) - added - same),
        "deleted": float(sum(1 for name in held if name not in found)),
        "unchanged": float(same),
    }


def _hashes(folder: Path) -> dict[str, bytes]:
    """Return a hash of each document, by its id; empty where nothing was read before."""
    try:
        with (folder / model.FILE).open("rb") as lines:
            return {json.loads(line)["id"]: hashlib.blake2b(line, digest_size=16).digest() for line in lines}
    except FileNotFoundError:
        return {}

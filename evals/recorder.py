"""Builds and searches in the blueprint's own environment, on one process, for evals that race thousands of times.

Standard input and output carry one JSON object a line, as with the product's workers; started by ``recorded.py`` as
``python recorder.py PROJECT CACHE``. It runs the shipped project as it is and keeps what it built in ``CACHE``. Two
things are remembered that a run would do again: a question's token embeddings, and the vectors of texts that were
embedded for all the data, when a pool of the data is built (the project gives the same bytes either way).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import Any


def key(value: object) -> str:
    """Name a JSON value."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


class Recorder:
    """Answers one command at a time."""

    def __init__(self, cache: Path) -> None:
        from rag.embedding.minilm import MiniLM

        MiniLM.tokens = lru_cache(maxsize=None)(MiniLM.tokens)
        self.cache = cache
        self.code = code(Path(sys.argv[1]))
        self.passing: dict[str, list[Path]] = {}
        self.cache.mkdir(parents=True, exist_ok=True)
        self.open = lru_cache(maxsize=1)(self._open)

    def ingest(self, source: str, collection: bool, out: str) -> dict[str, Any]:
        """Parse documents as the product does."""
        from rag import system

        return {"counts": system.ingest(Path(source), Path(out), collection=collection)}

    def plan(self, design: str, data: str) -> dict[str, Any]:
        """Return each stage's key, whether it is built or not."""
        from rag import stages
        from rag.design import parse

        values, keys = parse(json.loads(design)), dict[str, str]()
        for stage in stages.of(values):
            keys[stage.name] = self._key(stage, values, keys, data)
        return {"keys": keys}

    def stages(self, design: str, data: str, whole: str) -> dict[str, Any]:
        """Build what is missing; return each stage's name, key, counted resources, seconds and bytes."""
        return {"stages": [record for record, _ in self._built(json.loads(design), data, whole)]}

    def search(self, design: str, data: str, whole: str, questions: list[str]) -> dict[str, Any]:
        """Return each question's documents, best first."""
        retriever = self.open(design, data, whole)
        return {"docs": [[doc for doc, _ in retriever.search(question).docs] for question in questions]}

    def forget(self, data: str) -> dict[str, Any]:
        """Remove what was built on a pool: pools are many, and their stages are quick to build from the whole's."""
        self.open.cache_clear()
        for place in self.passing.pop(data, []):
            shutil.rmtree(place, ignore_errors=True)
        return {}

    def _open(self, design: str, data: str, whole: str) -> Any:
        from rag.design import parse
        from rag.retrieval import Retriever

        values = json.loads(design)
        places = {record["name"]: folder for record, folder in self._built(values, data, whole)}
        return Retriever(parse(values), places)

    def _built(self, values: dict[str, Any], data: str, whole: str) -> list[tuple[dict[str, Any], Path]]:
        from rag import stages
        from rag.design import parse

        design = parse(values)
        found: list[tuple[dict[str, Any], Path]] = []
        keys: dict[str, str] = {}
        places: dict[str, Path] = {}
        for stage in stages.of(design):
            keys[stage.name] = self._key(stage, design, keys, data)
            place = self.cache / key([self.code, keys[stage.name]])
            if not (place / "record.json").exists():
                donor = self._donor(stage, design, keys)
                if data != whole:
                    donor = {r["name"]: f.parent for r, f in self._built(values, whole, whole)}.get(stage.name)
                self._build(stage, design, Path(data), places, place, donor, keys[stage.name], data == whole)
            places[stage.name] = place / "files"
            found.append((json.loads((place / "record.json").read_text()), place / "files"))
        return found

    def _key(self, stage: Any, design: Any, keys: dict[str, str], data: str) -> str:
        parents = [keys[parent] for parent in stage.parents]
        return key([stage.name, stage.values(design), parents, data if stage.data else ""])

    def _donor(self, stage: Any, design: Any, keys: dict[str, str]) -> Path | None:
        """The folder of a stage that holds the same texts' rows: built by other code, or token embeddings."""
        marks = [self.cache / f"latest-{keys[stage.name]}"]
        if stage.name == "vectors-minilm":
            tokens = key(["tokens", stage.values(design), [keys[parent] for parent in stage.parents], ""])
            marks.append(self.cache / f"latest-{tokens}")
        found = [Path(mark.read_text()) for mark in marks if mark.exists()]
        return next((folder for folder in found if (folder / "files" / "keys.npy").exists()), None)

    def _build(
        self,
        stage: Any,
        design: Any,
        data: Path,
        places: dict[str, Path],
        to: Path,
        donor: Path | None,
        part: str,
        whole: bool,
    ) -> None:
        """Build a stage; where its rows came from a donor, it is charged what the donor took."""
        from rag import stages

        aside = to.with_suffix(".new")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(to, ignore_errors=True)
        parents = {parent: places[parent] for parent in stage.parents}
        began = time.perf_counter()
        counted = stages.build(stage.name, design, data, parents, aside / "files", donor and donor / "files")
        seconds = time.perf_counter() - began
        if donor and whole and counted.get("embedded", 1) == 0:
            before = json.loads((donor / "record.json").read_text())
            counted, seconds = before["resources"], before["seconds"]
        size = sum(path.stat().st_size for path in (aside / "files").rglob("*") if path.is_file())
        record = {"name": stage.name, "key": part, "seconds": seconds, "bytes": size, "resources": counted}
        (aside / "record.json").write_text(json.dumps(record))
        aside.rename(to)
        if not whole:
            self.passing.setdefault(str(data), []).append(to)
        else:
            (self.cache / f"latest-{part}").write_text(str(to))


def code(project: Path) -> str:
    """Hash the project's sources: what other code built is a donor at most."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted((project / "src").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Answer until the other side closes."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path(sys.argv[1]) / "src"))
    recorder = Recorder(Path(sys.argv[2]))
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        command = json.loads(line)
        try:
            reply = {"ok": True, **getattr(recorder, command.pop("op"))(**command)}
        except Exception as error:
            reply = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

"""Collections in BEIR's layout: folders with corpus.jsonl, queries.jsonl and qrels.tsv (Thakur et al., 2021)."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

CORPUS, QUERIES, JUDGEMENTS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"


def collections(folder: Path, names: str = "") -> list[Path]:
    """Find the collections at any depth below a folder; of those the named ones (comma-separated), in that order.

    Raises:
        SystemExit: a named one is not there, or there is none; the message says which there are.
    """
    found = sorted(
        p.parent for p in folder.rglob(CORPUS) if all((p.parent / n).is_file() for n in (QUERIES, JUDGEMENTS))
    )
    by_name = {path.name: path for path in found}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    missing = [name for name in wanted if name not in by_name]
    if missing or not found:
        there = ", ".join(by_name) or "none"
        raise SystemExit(f"No collection {', '.join(missing) or 'in that layout'} below {folder}; there are: {there}.")
    return [by_name[name] for name in wanted] or found


def rows(path: Path) -> list[dict[str, str]]:
    """Read a file of JSON lines; each has its identifier as ``id``."""
    records = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [{"id": str(record.get("_id", record.get("id"))), **record} for record in records]


def relevance(path: Path) -> dict[str, dict[str, float]]:
    """Read judgements: query → document → grade above 0."""
    found: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t"):
            try:
                grade = float(row[-1])
            except ValueError:
                continue  # the heading
            if grade > 0:
                found.setdefault(row[0], {})[row[-2]] = grade
    return found


def asked(folder: Path) -> int:
    """Count a collection's queries that have a relevant document."""
    grades = relevance(folder / JUDGEMENTS)
    return sum(query["id"] in grades for query in rows(folder / QUERIES))


def inputs(folder: Path, questions: bool = True) -> dict[str, str]:
    """Return ``rag_system``'s inputs for a collection, with or without its questions.

    Where the documents lie beside it as files, in ``files/``, those are read: their markup is part of what is measured.
    """
    files = folder / "files"
    corpus = files if files.is_dir() else folder if questions else folder / CORPUS
    return {"corpus": str(corpus)} | ({"questions": str(folder)} if questions else {})


def sample(folder: Path, documents: int, out: Path) -> Path:
    """Write a smaller collection: documents in the order of a hash of their ids, and the queries judged on them alone.

    Returns the collection itself where it has no more documents than that.
    """
    corpus, grades = rows(folder / CORPUS), relevance(folder / JUDGEMENTS)
    if len(corpus) <= documents:
        return folder
    kept = sorted(corpus, key=lambda row: hashlib.blake2b(row["id"].encode()).digest())[:documents]
    ids = {row["id"] for row in kept}
    queries = [query for query in rows(folder / QUERIES) if grades.get(query["id"], {"": 0}).keys() <= ids]
    out.mkdir(parents=True, exist_ok=True)
    for name, lines in ((CORPUS, kept), (QUERIES, queries)):
        (out / name).write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
        )
    judged = [f"{q['id']}\t{doc}\t{grade:g}" for q in queries for doc, grade in grades[q["id"]].items()]
    (out / JUDGEMENTS).write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]) + "\n", encoding="utf-8")
    for row in kept if (folder / "files").is_dir() else ():
        copy = out / "files" / row["id"]
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((folder / "files" / row["id"]).read_bytes())
    return out

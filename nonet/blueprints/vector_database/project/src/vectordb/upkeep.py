"""Upkeep: more rows, other texts of the same ids, deletions, a new version of the model; backup and restore.

An index is made aside, grown or built in full (``growth.py``), and put in place by renaming one small file: a program
killed at any moment leaves the index before or the one after. Vectors of texts that were embedded by the same version
of the model are kept; a new version embeds everything again, so that no index mixes two.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb import data, growth, kept, reading
from vectordb.embedding import model
from vectordb.engines import contract
from vectordb.errors import DataError, SettingsError
from vectordb.settings import CURRENT, Settings, parts

SUMS = "sums.json"


@dataclass(frozen=True)
class Rows:
    """The rows of a database: ids, payloads, vectors as they were made, and texts where there are any."""

    ids: list[str]
    payloads: list[dict[str, Any]]
    vectors: NDArray[np.float32]
    texts: list[dict[str, Any]]


@dataclass(frozen=True)
class Change:
    """What an ingestion did; ``indexed`` are the rows that the engine had to take: all where it was built anew."""

    added: int
    replaced: int
    deleted: int
    embedded: int
    indexed: int
    rows: int


def stored(settings: Settings) -> Rows:
    """Read the rows in use."""
    found = parts(settings)
    vectors: NDArray[np.float32] = np.load(found["vectors"] / "vectors.npy")
    ids = data.read_ids(found["records"])
    payloads = data.read_rows(found["records"] / "payloads.jsonl")
    return Rows(ids, payloads, vectors, data.read_rows(found["records"] / "texts.jsonl"))


def ingest(settings: Settings, path: Path | None, delete: Sequence[str] = (), payloads: Path | None = None) -> Change:
    """Add or replace rows of a file, and delete others, aside; the index takes what is new, or is built anew.

    Args:
        settings: the project.
        path: texts as JSONL {id, text, title?, payload?}, or vectors as .npy, .parquet or .fvecs; none only deletes.
        delete: ids that go.
        payloads: of vectors, one object a row in their order as JSONL; texts bring their own.

    Raises:
        DataError: the file cannot be used, its vectors are of another width, or an id to delete is unknown.
    """
    old = stored(settings)
    if unknown := [name for name in delete if name not in set(old.ids)]:
        raise DataError(f"There is no row {unknown[0]!r} to delete; ids are as they were ingested.")
    gone = set(delete)
    rows: dict[str, tuple[dict[str, Any], NDArray[np.float32] | None, dict[str, Any]]] = {
        name: (old.payloads[i] if old.payloads else {}, old.vectors[i], old.texts[i] if old.texts else {})
        for i, name in enumerate(old.ids)
        if name not in gone
    }
    new = _read(settings, path, old, payloads) if path is not None else {}
    replaced = sum(name in rows for name in new)
    rows |= new
    if not rows:
        raise DataError("Nothing would be left; a database holds one row at least.")
    changed = Rows(
        list(rows),
        [payload for payload, _, _ in rows.values()] if any(payload for payload, _, _ in rows.values()) else [],
        old.vectors,
        [text for _, _, text in rows.values()] if old.texts else [],
    )
    vectors, embedded = _vectors(settings, [vector for _, vector, _ in rows.values()], changed, old)
    fresh = embedded == len(rows) and bool(old.texts)
    added = 0 if gone or replaced or fresh else len(new)
    indexed = put(settings, Rows(changed.ids, changed.payloads, vectors, changed.texts), added)
    return Change(len(new) - replaced, replaced, len(gone), embedded, indexed, len(rows))


def reembed(settings: Settings, force: bool = False) -> tuple[str, str, bool]:
    """Embed everything by the model as it is installed now, if that is another version than the index's.

    Returns:
        The version before, the version now, and whether anything was done.

    Raises:
        DataError: the vectors were given: whoever made them must make them again.
    """
    before = version(settings)
    if settings.design.embedding == "given":
        raise DataError("The vectors were given; embed the texts by the new model and ingest its vectors.")
    embedder = model.load(settings.design.embedding)
    if embedder.version == before and not force:
        return before, before, False
    old = stored(settings)
    vectors = embedder.embed([data.passage(row) for row in old.texts])
    put(settings, Rows(old.ids, old.payloads, vectors, old.texts))
    return before, embedder.version, True


def version(settings: Settings) -> str:
    """Return the version of the model that made the vectors in use."""
    held = json.loads((parts(settings)["vectors"] / "model.json").read_text(encoding="utf-8"))
    return str(held["version"])


def put(settings: Settings, rows: Rows, added: int = 0) -> int:
    """Build the design over rows, aside, and put it in place; return how many rows were indexed.

    Args:
        settings: the project.
        rows: all of them.
        added: of them, at the end, those that the index in use lacks, where it holds the others as they are.
    """
    before = parts(settings)
    meta = data.read_meta(before["records"])
    name = f"index-{secrets.token_hex(4)}"
    aside, source = settings.home / name, settings.home / f".{name}"
    source.mkdir(parents=True)
    try:
        _write(source, meta, rows, settings)
        for name_of in ("filters.json", "log.npy", "log.jsonl"):
            if (before["records"] / name_of).exists():
                shutil.copyfile(before["records"] / name_of, source / name_of)
        indexed = growth.build(settings.design, source, before, aside, added)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(source, ignore_errors=True)
    use(settings, name)
    return indexed


def use(settings: Settings, name: str) -> None:
    """Make an index below ``artifacts`` the one in use, and drop the others."""
    pointer = settings.home / f".{CURRENT}.{secrets.token_hex(4)}"
    pointer.write_text(name + "\n", encoding="utf-8")
    pointer.replace(settings.home / CURRENT)
    for other in settings.home.iterdir():
        if other.is_dir() and other.name != name:
            contract.discard(settings.design, other if other.name == "index" else other / "index")
            shutil.rmtree(other, ignore_errors=True)


def backup(settings: Settings, folder: Path) -> int:
    """Copy the index in use and the settings to a new folder, with the sums of all files; return how many.

    Raises:
        SettingsError: the folder is there already.
    """
    if folder.exists():
        raise SettingsError(f"{folder} exists; name a new folder for the backup.")
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    aside.mkdir(parents=True)
    for name, place in parts(settings).items():
        shutil.copytree(place, aside / "index" / name)
    shutil.copyfile(settings.root / "settings.json", aside / "settings.json")
    sums = _sums(aside)
    (aside / SUMS).write_text(json.dumps(sums, indent=1), encoding="utf-8")
    aside.replace(folder)
    return len(sums)


def restore(settings: Settings, folder: Path) -> int:
    """Put a backup in place after checking every file of it; return how many there were.

    Raises:
        SettingsError: it is no backup, a file of it was changed, or it is of another design.
    """
    try:
        wanted: dict[str, str] = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        held = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{folder} is no backup: {error}.") from error
    found = {name: value for name, value in _sums(folder).items() if name != SUMS}
    if found != wanted:
        wrong = sorted({name for name in {*found, *wanted} if found.get(name) != wanted.get(name)})
        raise SettingsError(f"The backup {folder} is damaged at {wrong[0]} ({len(wrong)} files); take another.")
    mine = json.loads((settings.root / "settings.json").read_text(encoding="utf-8"))
    if held["design"] != mine["design"]:
        raise SettingsError(f"The backup {folder} is of another design; put its settings.json in place first.")
    name = f"index-{secrets.token_hex(4)}"
    shutil.copytree(folder / "index", settings.home / name)
    use(settings, name)
    return len(wanted)


def _read(
    settings: Settings, path: Path, old: Rows, told: Path | None
) -> dict[str, tuple[dict[str, Any], NDArray[np.float32] | None, dict[str, Any]]]:
    if not path.is_file():
        raise DataError(f"There is no file {path}; name texts as .jsonl, or vectors as .npy, .parquet or .fvecs.")
    if settings.design.embedding == "given":
        vectors, ids = reading.vectors(path)
        if vectors.shape[1] != old.vectors.shape[1]:
            raise DataError(f"{path.name} has {vectors.shape[1]} dimensions, the database {old.vectors.shape[1]}.")
        if path.suffix in (".npy", ".fvecs"):
            first = 1 + max((int(name) for name in old.ids if name.isdigit()), default=-1)
            ids = [str(first + place) for place in range(len(vectors))]  # no ids in such a file: they go on counting
        given = reading.payloads(told, len(vectors)) if told is not None else [{} for _ in ids]
        return {name: (payload, vector, {}) for name, payload, vector in zip(ids, given, vectors, strict=True)}
    payloads = reading.payloads_beside(path)
    return {row["id"]: (payloads.get(row["id"], {}), None, dict(row)) for row in reading.texts(path)}


def _vectors(
    settings: Settings, held: Sequence[NDArray[np.float32] | None], rows: Rows, old: Rows
) -> tuple[NDArray[np.float32], int]:
    """Return every row's vector, and how many texts were embedded for it."""
    if settings.design.embedding == "given":
        return np.asarray(held, dtype=np.float32), 0
    embedder = model.load(settings.design.embedding)
    known: Mapping[str, NDArray[np.float32]] = {}
    if embedder.version == version(settings):
        known = dict(zip(map(data.passage, old.texts), old.vectors, strict=True))
    passages = [data.passage(row) for row in rows.texts]
    return kept.completed(passages, embedder, known), len({text for text in passages if text not in known})


def _write(folder: Path, meta: data.Meta, rows: Rows, settings: Settings) -> None:
    """Write rows as a data folder whose vectors are made already."""
    changed = dataclasses.replace(meta, rows=len(rows.ids))
    data.write_meta(folder, changed, rows.ids)
    if rows.payloads:
        data.write_rows(folder / "payloads.jsonl", rows.payloads)
    if settings.design.embedding == "given":
        np.save(folder / "vectors.npy", rows.vectors)
        return
    data.write_rows(folder / "texts.jsonl", rows.texts)
    made = model.load(settings.design.embedding).version
    none = np.zeros((0, rows.vectors.shape[1]), dtype=np.float32)
    data.write_embedded(folder, settings.design.embedding, made, rows.vectors, 0.0, none)


def _sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != SUMS
    }

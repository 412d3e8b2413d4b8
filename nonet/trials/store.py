"""The trial store: what was built and what came out, keyed by everything it depends on. The truth about trials.

    stages/<stage key>/{files/…, stage.json}
    <design key>/{design.json, outputs/<…>.jsonl, latency/<…>.json, failed/<…>.json}

Everything is written aside, in ``.aside`` of the same folder, and renamed into place: what is there is whole, whatever
killed us. A stage is never written again; workers may only read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import uuid
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nonet.errors import TrialError, storage
from nonet.state import Json


@dataclass(frozen=True)
class StageRecord:
    """What is kept of a built stage.

    Attributes:
        name: the stage's name in its design.
        fields: the values of the design fields it depends on.
        parents: parent stage → its key.
        seconds: time to build it.
        resources: what the worker counted.
        bytes: size of its files.
        peak_memory_bytes: largest resident size while it was built.
        hash: of its files.
    """

    name: str
    fields: Mapping[str, Json]
    parents: Mapping[str, str]
    seconds: float
    resources: Mapping[str, float]
    bytes: int
    peak_memory_bytes: float
    hash: str


@dataclass(frozen=True)
class Outputs:
    """Outputs of one batch of units: (unit key, features key) → output, and the memory the run took at its peak."""

    values: Mapping[tuple[str, str], Json] = field(default_factory=dict[tuple[str, str], Json])
    peak_memory_bytes: float = 0.0


class TrialStore:
    """The store of one run, in one folder; any number of threads and processes may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def aside(self) -> Generator[Path]:
        """Lend an empty folder on the same disk; what is left in it at the end is removed."""
        path = self.folder / ".aside" / f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        with storage(path):
            path.mkdir(parents=True)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what processes that are gone left aside."""
        for path in (self.folder / ".aside").glob("*-*"):
            try:
                os.kill(int(path.name.partition("-")[0]), 0)
            except (ProcessLookupError, ValueError):
                shutil.rmtree(path, ignore_errors=True)
            except PermissionError:
                continue

    # ---- stages -----------------------------------------------------------------------------------------------

    def stage_files(self, key: str) -> Path:
        """Where the files of a stage lie (whether built or not)."""
        return self.folder / "stages" / key / "files"

    def stage(self, key: str) -> StageRecord | None:
        """Return the record of a built stage."""
        data = _load(self.folder / "stages" / key / "stage.json")
        return StageRecord(**data) if data else None

    def seal(self, key: str, scratch: Path, record: StageRecord) -> None:
        """Put a stage built in ``scratch/files`` into its place; one that another process sealed first stays.

        Raises:
            StorageError: the disk is full.
        """
        target = self.folder / "stages" / key
        package = scratch / "stage"
        with storage(target):
            package.mkdir()
            (scratch / "files").rename(package / "files")
            _dump(package / "stage.json", asdict(record))
            target.parent.mkdir(parents=True, exist_ok=True)
        _place(package, target)

    def intact(self, key: str) -> bool:
        """Whether the files of a stage are still those that were built."""
        record = self.stage(key)
        return record is not None and contents(self.stage_files(key)) == record.hash

    def discard(self, key: str) -> None:
        """Forget a stage whose files were changed."""
        shutil.rmtree(self.folder / "stages" / key, ignore_errors=True)

    # ---- designs ----------------------------------------------------------------------------------------------

    def describe(self, design_key: str, design: Mapping[str, Json]) -> None:
        """Keep a design's JSON under its key."""
        path = self.folder / design_key / "design.json"
        if not path.exists():
            self._write(path, dict(design))

    def outputs(self, design_key: str, measuring_key: str) -> Outputs:
        """Return all outputs of a design measured under one key."""
        values: dict[tuple[str, str], Json] = {}
        peak = 0.0
        for path in sorted((self.folder / design_key / "outputs").glob(f"{measuring_key}.*.jsonl")):
            with path.open(encoding="utf-8") as lines:
                peak = max(peak, float(json.loads(next(lines))["peak_memory_bytes"]))
                for line in lines:
                    row = json.loads(line)
                    values[row["unit"], row["features"]] = row["output"]
        return Outputs(values, peak)

    def keep_outputs(
        self,
        design_key: str,
        measuring_key: str,
        units: Sequence[tuple[str, str]],
        outputs: Sequence[Json],
        peak: float,
    ) -> None:
        """Keep one batch; ``units`` are (unit key, features key).

        Raises:
            StorageError: the disk is full.
        """
        sample = hashlib.blake2b(json.dumps(list(units)).encode(), digest_size=8).hexdigest()
        lines = [json.dumps({"measuring": measuring_key, "units": len(units), "peak_memory_bytes": peak})]
        for (unit, features), output in zip(units, outputs, strict=True):
            lines.append(json.dumps({"unit": unit, "features": features, "output": output}, ensure_ascii=False))
        self._write_text(
            self.folder / design_key / "outputs" / f"{measuring_key}.{sample}.jsonl", "\n".join(lines) + "\n"
        )

    def note(self, design_key: str, kind: str, key: str) -> dict[str, Any] | None:
        """Return what ``keep_note`` kept."""
        return _load(self.folder / design_key / kind / f"{key}.json")

    def keep_note(self, design_key: str, kind: str, key: str, value: Mapping[str, Json]) -> None:
        """Keep one JSON object of a design: a latency, a failure.

        Raises:
            StorageError: the disk is full.
        """
        self._write(self.folder / design_key / kind / f"{key}.json", dict(value))

    # ---- writing ----------------------------------------------------------------------------------------------

    def _write(self, path: Path, value: dict[str, Any]) -> None:
        self._write_text(path, json.dumps(value, ensure_ascii=False, indent=1))

    def _write_text(self, path: Path, text: str) -> None:
        with self.aside() as scratch, storage(path, len(text)):
            (scratch / "file").write_text(text, encoding="utf-8")
            path.parent.mkdir(parents=True, exist_ok=True)
            (scratch / "file").replace(path)


def files(folder: Path) -> list[Path]:
    """Return the files below ``folder``, links included and not followed, in the order of their relative names."""
    found = (Path(where) / name for where, _, names in os.walk(folder) for name in names)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def check_plain(folder: Path) -> None:
    """Refuse what a worker must not leave: devices, pipes, sockets, links that lead out of the folder.

    Raises:
        TrialError: naming the first such entry.
    """
    root = folder.resolve()
    for where, folders, names in os.walk(folder):
        for path in (Path(where) / name for name in (*folders, *names)):
            mode = path.lstat().st_mode
            leads_out = stat.S_ISLNK(mode) and (
                os.readlink(path).startswith("/") or not path.resolve().is_relative_to(root)
            )
            if leads_out or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
                raise TrialError(f"The worker left {path.relative_to(folder)}, which is no plain file or folder.")


def contents(folder: Path) -> str:
    """Hash a folder: BLAKE2b over relative names and bytes (of a link: what it points to)."""
    digest = hashlib.blake2b(digest_size=16)
    for path in files(folder):
        name = path.relative_to(folder).as_posix().encode(errors="surrogateescape")
        if path.is_symlink():
            body = hashlib.blake2b(b"->" + os.readlink(path).encode(errors="surrogateescape"))
        else:
            # A worker may be alive and swap the file: never follow a link, never wait for a pipe.
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                body = hashlib.file_digest(file, hashlib.blake2b)
        digest.update(len(name).to_bytes(8, "big") + name + body.digest())
    return digest.hexdigest()


def size(folder: Path) -> int:
    """Return the bytes of all files below ``folder``."""
    return sum(path.lstat().st_size for path in files(folder))


def _place(package: Path, target: Path) -> None:
    with storage(target):
        try:
            package.rename(target)
        except OSError:
            if not (target / "stage.json").is_file():
                raise


def _load(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _dump(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")

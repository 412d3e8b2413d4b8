"""Preparing: the environment, a copy of the user's data, the units and their split. Not part of the budget."""

from __future__ import annotations

import asyncio
import builtins
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from nonet.errors import InputError, TrialError, storage
from nonet.graphs.steps.bench import laboratory
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.flow import Update
from nonet.providers.chat import preload
from nonet.state import Json, State
from nonet.trials import integrity, splits
from nonet.trials.contract import Skipped, SourceFile, Sources
from nonet.trials.laboratory import Laboratory

_LARGER = "larger than the limit"


async def prepare(desk: Desk, state: State) -> Update:
    """Freeze the data, parse it in the blueprint's environment, make the units, seal the holdout."""
    # Beside the wait for parsers, whose processes are others: a model that is asked later is asked at once.
    notes, _ = await asyncio.gather(asyncio.to_thread(_prepare, desk), asyncio.to_thread(preload, desk.settings))
    return {"notes": notes}


def _prepare(desk: Desk) -> list[str]:
    blueprint, data = desk.blueprint, desk.folder / "data"
    exclude = [desk.folder, desk.settings.home_path, Path(desk.settings.runs).absolute()]
    sources = blueprint.sources(desk.inputs, exclude)
    copied, skipped = _copy(sources, data / "source", desk.settings.file_size_limit)
    if not copied:
        large = any(each.reason.startswith(_LARGER) for each in skipped)
        remedy = "Raise file_size_limit, or give smaller files." if large else "Give readable files."
        raise InputError(f"Nothing of the data can be read: {_first_reasons(skipped)}.", remedy)
    desk.emit({"event": "preparing", "what": f"environment of {blueprint.name}"})
    bench = laboratory(desk)
    environment = bench.environment
    desk.write("environment.json", {"python": str(environment.python), "packages": dict(environment.packages)})
    desk.emit({"event": "preparing", "what": f"reading {len(copied)} files"})
    for folder in (data / "parsed", data / "measuring"):
        shutil.rmtree(folder, ignore_errors=True)
    counts = _ingested(desk, bench)
    skipped += [Skipped(**row) for row in desk.rows("data/parsed/skipped.jsonl")]
    (data / "measuring").mkdir(parents=True)
    units = blueprint.units(desk.inputs, data / "parsed", data / "measuring")
    split = splits.split(units.units, blueprint.fit_share, units.seal)
    if split.fit:
        fit: list[dict[str, Json]] = [
            {"key": u.key, "features": u.features, "label": u.label} for u in (units.units[i] for i in split.fit)
        ]
        desk.append("data/measuring/fit.jsonl", fit)
    desk.keep_units(units)
    desk.write("split.json", asdict(split))
    desk.write(
        "data.json",
        {
            "fingerprint": blueprint.fingerprint(data / "parsed", units),
            "counts": counts,
            "skipped": [asdict(each) for each in skipped],
            "files": [asdict(each) for each in copied],
            "hashes": {name: integrity.folder_hash(data / name) for name in ("source", "parsed", "measuring")},
        },
    )
    notes = [*units.warnings, *units.notes]
    if skipped:
        notes.append(f"{len(skipped)} files or records were skipped: {_first_reasons(skipped)}.")
    return notes


def _ingested(desk: Desk, bench: Laboratory) -> dict[str, float]:
    """Parse the data. What a project raises by an error of its own is about the data, anything else is our fault."""
    try:
        return bench.ingest(desk.brief.inputs)
    except TrialError as error:
        _, _, said = error.message.partition(": ")
        name, _, reason = said.partition(": ")
        if not name.isidentifier() or hasattr(builtins, name):
            raise
        text = reason.replace(str(desk.folder / "data" / "source"), "the data")
        said = f"The data cannot be read: {text.rstrip('.')}."
        raise InputError(said, "Put that right in what was given, and run again.") from error


def _copy(sources: Sources, to: Path, limit: int) -> tuple[list[SourceFile], list[Skipped]]:
    """Copy the user's files aside, so that what is measured cannot change under the run."""
    aside = to.with_name("source.new")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.rmtree(to, ignore_errors=True)
    copied: list[SourceFile] = []
    skipped = list(sources.skipped)
    for file in sources.files:
        path = Path(file.path)
        try:
            size = path.stat().st_size
            if size > limit and not file.unlimited:
                skipped.append(Skipped(file.name, f"{_LARGER} of {limit:,} bytes"))
                continue
            target = aside / file.name
            with storage(target, size):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        except (FileNotFoundError, PermissionError) as error:
            skipped.append(Skipped(file.name, error.strerror or "unreadable"))
            continue
        copied.append(file)
    if copied:
        aside.replace(to)
    return copied, skipped


def _first_reasons(skipped: Sequence[Skipped]) -> str:
    shown = "; ".join(f"{each.name} ({each.reason})" for each in skipped[:3])
    return shown + (f" and {len(skipped) - 3} more" if len(skipped) > 3 else "")

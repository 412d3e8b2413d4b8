"""What is told of the data to the rules and the memory, and a smaller data folder to estimate builds by."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonet.errors import storage
from nonet.state import Json
from nonet.trials.contract import UnitSet

FEWEST_SAMPLED = 20_000
"""Rows from which a build is estimated by one on a sample; starting a process costs more than an index of fewer."""


def fingerprint(parsed: Path, units: UnitSet) -> dict[str, Json]:
    """Describe the data: sizes, metric, models; no text and no vector of the user's."""
    meta: dict[str, Any] = json.loads((parsed / "meta.json").read_text(encoding="utf-8"))
    found: dict[str, Json] = {
        "units": len(units.units),
        "rows": meta["rows"],
        "metric": meta["metric"],
        "kind": meta["kind"],
        "embeddings": ",".join(meta["embeddings"]),
        "scale": meta["scale"],
        "payloads": (parsed / "payloads.jsonl").exists(),
        "log": (parsed / "log.npy").exists() or (parsed / "log.jsonl").exists(),
        "labels": units.units[0].kind,
    }
    if meta["kind"] == "vectors":
        vectors: NDArray[np.float32] = np.load(parsed / "vectors.npy", mmap_mode="r")
        found["width"] = int(vectors.shape[1])
    else:
        lines = (parsed / "texts.jsonl").read_text(encoding="utf-8").split("\n")
        counts = sorted(len(json.loads(line)["text"].split()) for line in lines if line)
        found["words_median"] = counts[len(counts) // 2]
        found["words_total"] = sum(counts)
    return found


def sample(data: Path, share: float, out: Path) -> None:
    """Write about a ``share`` of the rows, evenly spaced, as a data folder of its own.

    Raises:
        NotImplementedError: there are so few rows that building on a sample takes as long as building.
    """
    meta: dict[str, Any] = json.loads((data / "meta.json").read_text(encoding="utf-8"))
    if meta["rows"] < FEWEST_SAMPLED:
        raise NotImplementedError
    count = max(1, round(share * meta["rows"]))
    rows: list[int] = np.unique(np.linspace(0, meta["rows"] - 1, count, dtype=np.int64)).tolist()
    out.mkdir(parents=True, exist_ok=True)
    with storage(out):
        ids = json.loads((data / "ids.json").read_text(encoding="utf-8"))
        (out / "ids.json").write_text(json.dumps([ids[row] for row in rows]), encoding="utf-8")
        (out / "meta.json").write_text(json.dumps({**meta, "rows": len(rows)}), encoding="utf-8")
        if (data / "filters.json").exists():
            shutil.copyfile(data / "filters.json", out / "filters.json")
        for name in ("payloads.jsonl", "texts.jsonl"):
            if (data / name).exists():
                lines = (data / name).read_text(encoding="utf-8").split("\n")
                (out / name).write_text("".join(lines[row] + "\n" for row in rows), encoding="utf-8")
        for path in (data / "vectors.npy", *sorted((data / "embedded").glob("*/vectors.npy"))):
            if path.exists():
                target = out / path.relative_to(data)
                target.parent.mkdir(parents=True, exist_ok=True)
                np.save(target, np.load(path, mmap_mode="r")[rows])
                if (told := path.with_name("made.json")).exists():
                    held = json.loads(told.read_text(encoding="utf-8"))
                    held["seconds"] = float(held["seconds"]) * len(rows) / meta["rows"]
                    target.with_name("made.json").write_text(json.dumps(held), encoding="utf-8")

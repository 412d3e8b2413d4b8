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

TUNED_ON = ("pairs.jsonl", "fit.jsonl")
FEWEST_TUNED = 48
"""Pairs of a sample at least: a few steps of training, so that the first, which sets up, is not all of them."""
FEWEST_SAMPLED = 20_000
"""Rows from which a build is estimated by one on a sample; starting a process costs more than an index of fewer."""
FEWEST_EMBEDDED = 1_000
"""Texts from which it is: embedding one takes as long as indexing hundreds of vectors."""


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
        found["pairs"] = _lines(parsed / "pairs.jsonl")
        counts = sorted(len(json.loads(line)["text"].split()) for line in lines if line)
        found["words_median"] = counts[len(counts) // 2]
        found["words_total"] = sum(counts)
    return found


def _lines(path: Path) -> int:
    return sum(1 for line in path.read_text(encoding="utf-8").split("\n") if line) if path.exists() else 0


def sample(data: Path, share: float, out: Path) -> None:
    """Write about a ``share`` of the rows, evenly spaced, as a data folder of its own.

    Raises:
        NotImplementedError: there are so few rows that building on a sample takes as long as building.
    """
    meta: dict[str, Any] = json.loads((data / "meta.json").read_text(encoding="utf-8"))
    if meta["rows"] < (FEWEST_EMBEDDED if meta["kind"] == "texts" else FEWEST_SAMPLED):
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
        told = {"share": share, "pairs": sum(_lines(data / name) for name in TUNED_ON)}
        (out / "sampled.json").write_text(json.dumps(told), encoding="utf-8")
        for name in TUNED_ON:
            if (data / name).exists():
                lines = [line for line in (data / name).read_text(encoding="utf-8").split("\n") if line]
                part = lines[: max(FEWEST_TUNED, round(share * len(lines)))]
                (out / name).write_text("".join(line + "\n" for line in part), encoding="utf-8")
        if (data / "vectors.npy").exists():
            np.save(out / "vectors.npy", np.load(data / "vectors.npy", mmap_mode="r")[rows])

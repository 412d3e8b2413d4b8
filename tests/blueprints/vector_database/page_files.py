"""What the page of this workflow speaks of: vectors in clusters with payloads, and texts of made-up services."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

TOPICS = ("archive", "billing", "calendar", "directory", "editor", "forum", "gateway", "ledger")
SAYS = (
    "The {0} service keeps the data of every team and is reached by its own port.",
    "Connection limits of the {0} stand in its file; ten clients may wait at the same time.",
    "To restore a backup of the {0}, stop the worker first and copy the newest snapshot.",
    "Set the timeout of the {0} in seconds; larger values help slow disks.",
    "The {0} writes one log a day and removes what is older than a month.",
    "Errors of the {0} carry a number that the operator's handbook explains.",
    "A new version of the {0} is rolled out to one region after another.",
    "Who may read the {0} is decided by the groups of the directory.",
)


def write(folder: Path) -> None:
    """Write ``v.npy``, ``p.jsonl`` and ``t.jsonl``."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(12, 16))
    vectors = centres[random.integers(0, 12, 700)] + 0.5 * random.normal(size=(700, 16))
    np.save(folder / "v.npy", vectors.astype(np.float32))
    payloads = ({"year": 2000 + row % 25} for row in range(700))
    (folder / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in payloads), encoding="utf-8")
    texts = (
        {"id": f"{topic}-{number}", "text": " ".join(each.format(topic) for each in (SAYS * 2)[number : number + 3])}
        for topic in TOPICS
        for number in range(len(SAYS))
    )
    (folder / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts), encoding="utf-8")

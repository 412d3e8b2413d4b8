"""A table of loans in which one group is approved less."""

from __future__ import annotations

import csv
import random
from pathlib import Path


def write_loans(path: Path, rows: int = 400, seed: int = 0) -> Path:
    """Write income, district (a proxy of sex), sex and the outcome."""
    drawn = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["income", "district", "sex", "approved"])
        for _ in range(rows):
            woman, income = drawn.random() < 0.5, drawn.gauss(3, 1)
            district = "north" if drawn.random() < (0.8 if woman else 0.2) else "south"
            approved = income - 0.8 * woman + drawn.gauss(0, 0.6) > 2.5
            out.writerow([f"{income:.4f}", district, "f" if woman else "m", "yes" if approved else "no"])
    return path

"""A table of loans in which one group is approved less, and a parsed folder as the worker leaves it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from loan_tables import write_loans

from nonet.blueprints.responsible_ai_audit.inputs import Inputs

REQUEST: dict[str, Any] = {
    "label": "approved",
    "attribute": ["sex"],
    "criterion": "demographic_parity",
    "max_gap": 0.15,
}


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    return write_loans(tmp_path / "loans.csv")


@pytest.fixture
def inputs(loans: Path) -> Inputs:
    return Inputs(data=str(loans), **REQUEST)


@pytest.fixture
def parsed(tmp_path: Path, loans: Path) -> Path:
    folder = tmp_path / "parsed"
    folder.mkdir()
    with loans.open(encoding="utf-8", newline="") as file:
        rows = [
            {
                "x": {"income": float(row["income"]), "district": row["district"], "sex": row["sex"]},
                "y": int(row["approved"] == "yes"),
                "groups": {"sex": row["sex"]},
                "given": None,
            }
            for row in csv.DictReader(file)
        ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    table = {
        "features": ["income", "district", "sex"],
        "dropped": {"approved": "the label"},
        "suspects": {"district": "tells the outcome almost by itself"},
    }
    (folder / "table.json").write_text(json.dumps(table) + "\n", encoding="utf-8")
    return folder

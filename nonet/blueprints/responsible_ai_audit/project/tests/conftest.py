"""A small table with a protected attribute that speaks, and what is fitted on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairness import fitting, table
from fairness.design import parse
from fairness.parts import Parts

PROJECT = Path(__file__).resolve().parents[1]
COLUMNS = table.Columns("approved", ["sex"])


def people(count: int, seed: int = 0) -> pd.DataFrame:
    """Women are approved less at the same income; the district is a proxy of sex."""
    random = np.random.default_rng(seed)
    woman = random.random(count) < 0.5
    income = random.normal(3.0, 1.0, count)
    district = np.where(random.random(count) < np.where(woman, 0.8, 0.2), "north", "south")
    approved = random.random(count) < 1 / (1 + np.exp(-(2.0 * (income - 3) - 1.2 * woman + 0.6)))
    sex = np.where(woman, "f", "m")
    return pd.DataFrame({"income": income.round(3), "district": district, "sex": sex, "approved": approved.astype(int)})


@pytest.fixture(scope="session")
def parsed() -> table.Table:
    return table.parse(people(2400), COLUMNS)


@pytest.fixture(scope="session")
def fitted(parsed: table.Table) -> Callable[..., Parts]:
    known: dict[str, Parts] = {}

    def of(**design: Any) -> Parts:
        name = repr(sorted(design.items()))
        if name not in known:
            known[name] = fitting.fit(parse(design), parsed.rows[:1500], parsed.features, ["sex"])
        return known[name]

    return of

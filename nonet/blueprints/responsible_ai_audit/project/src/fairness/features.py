"""From columns to a matrix: numbers imputed and scaled, texts one column a value, rare values together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from fairness.groups import is_number
from fairness.table import frame_of

MISSING = "(missing)"
RARE = 0.005
"""Values with a smaller share of the fitted rows are one column together."""
Rows = Sequence[Mapping[str, Any]]


def kinds(rows: Rows, features: Sequence[str]) -> dict[str, str]:
    """Return column → "number" or "text": a number where every cell that is there is one."""
    found: dict[str, str] = {}
    for name in features:
        cells = [row["x"].get(name) for row in rows]
        there = [cell for cell in cells if cell is not None]
        found[name] = "number" if there and all(is_number(cell) for cell in there) else "text"
    return found


def prepared(rows: Rows, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows as a frame of floats (NaN where missing) and texts."""
    frame = frame_of(rows, list(columns))
    for name, kind in columns.items():
        if kind == "number":
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
        else:
            frame[name] = [MISSING if pd.isna(value) else str(value) for value in frame[name]]
            frame[name] = frame[name].astype(object)
    return frame


def encoder(columns: Mapping[str, str]) -> ColumnTransformer:
    """Return an unfitted encoder of ``prepared`` rows: matrix of shape (rows, encoded columns)."""
    numbers = [name for name, kind in columns.items() if kind == "number"]
    texts = [name for name, kind in columns.items() if kind == "text"]
    impute = Pipeline(
        [("impute", SimpleImputer(strategy="median", keep_empty_features=True)), ("scale", StandardScaler())]
    )
    values = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False)
    return ColumnTransformer([("numbers", impute, numbers), ("texts", values, texts)], verbose_feature_names_out=False)


def encoded(fitted: ColumnTransformer, rows: Rows, columns: Mapping[str, str]) -> np.ndarray:
    """Encode rows by a fitted encoder: float64 of shape (rows, encoded columns)."""
    return np.asarray(fitted.transform(prepared(rows, columns)), dtype=np.float64)


def origin(encoded_name: str, columns: Mapping[str, str]) -> str:
    """Return the column that an encoded column was made of."""
    if encoded_name in columns:
        return encoded_name
    matches = [name for name in columns if encoded_name.startswith(f"{name}_")]
    return max(matches, key=len) if matches else encoded_name

"""Train a credit model."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import QuantileTransformer


@dataclass
class Config:
    path: Path
    seed: int = 13
    test_size: float = 0.25


def load_xy(cfg: Config) -> tuple[np.ndarray, np.ndarray]:
    frame = pd.read_parquet(cfg.path)
    labels = frame.pop("repaid").to_numpy()
    matrix = QuantileTransformer(random_state=cfg.seed).fit_transform(frame.to_numpy())  # finds: preprocessing-fitted-in-function-before-split
    return matrix, labels


def run(cfg: Config) -> float:
    matrix, labels = load_xy(cfg)
    a, b, la, lb = train_test_split(matrix, labels, test_size=cfg.test_size, random_state=cfg.seed, stratify=labels)
    model = LogisticRegression(max_iter=500).fit(a, la)
    return roc_auc_score(lb, model.predict_proba(b)[:, 1])


if __name__ == "__main__":
    print(run(Config(Path("credit.parquet"))))

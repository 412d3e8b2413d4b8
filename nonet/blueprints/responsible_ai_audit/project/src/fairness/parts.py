"""What was fitted: saved without pickle, loaded again, and applied to rows.

Decisions of randomised designs are drawn by a keyed hash of the row, so that equal rows are always decided alike and a
batch decides as single requests do.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fairness import linear
from fairness.design import Design, parse
from fairness.errors import FairnessError
from fairness.features import Encoder, Rows
from fairness.groups import joint

TREES = "trees.skops"
NUMBERS = "numbers.json"
MODEL = "given"
DIGITS = 9
"""Decimals of a score: a given model's matrix products round by the number of rows; no decision may hang on that."""


@dataclass
class Parts:
    """A fitted design.

    Attributes:
        features: columns that a row may have.
        columns: those that the model learned from, with their kind.
        merging: intersection of groups → the group it was trained with.
        predictors: one, or several of which each row is decided by one at random: linear ones, or trees.
        weights: their probabilities.
        rules: thresholds by group.
        calibration: slope and intercept by group.
        remover: what correlation removal takes off the encoded rows of each group.
        given: "column", ".skops" or ".onnx" for a given model.
        positive: the favourable value of the label, for a given model whose classes are not 0 and 1.
        threshold: a score from here on is a decision of 1.
    """

    design: Design
    features: list[str]
    merging: dict[str, str]
    columns: dict[str, str] = field(default_factory=dict)
    weights: list[float] = field(default_factory=list)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    calibration: dict[str, list[float]] = field(default_factory=dict)
    remover: dict[str, list[float]] = field(default_factory=dict)
    given: str = ""
    positive: str = ""
    threshold: float = 0.5
    encoder: Encoder = field(default_factory=Encoder)
    predictors: list[Any] = field(default_factory=list)
    scorer: Any = None

    # ---- applying ---------------------------------------------------------------------------------------------

    def scores(self, rows: Rows) -> np.ndarray:
        """Return the score of 1 for rows, shape (rows,): probabilities, or what a given model gives."""
        base = np.round(self._base(rows), DIGITS)
        if not self.calibration:
            return base
        maps = np.asarray([self.calibration[group] for group in self._groups(rows, self.calibration)])
        return np.round(1 / (1 + np.exp(-(maps[:, 0] * linear.log_odds(base) + maps[:, 1]))), DIGITS)

    def decisions(self, rows: Rows, scores: np.ndarray) -> np.ndarray:
        """Return 0 or 1 for rows, given their ``scores``."""
        if self.rules:
            groups = self._groups(rows, self.rules)
            chances = [linear.decided(self.rules[g], float(s)) for g, s in zip(groups, scores, strict=True)]
            return _drawn(rows, np.asarray(chances))
        if len(self.predictors) > 1:
            return _drawn(rows, scores)
        return (scores >= self.threshold).astype(np.int64)

    def _base(self, rows: Rows) -> np.ndarray:
        if self.given == "column":
            return np.asarray([row["given"] for row in rows], dtype=np.float64)
        if self.given:
            return self.scorer(rows)
        X = self.matrix(rows)
        if len(self.predictors) == 1:
            return _probabilities(self.predictors[0], X)
        found = np.zeros(len(rows))
        for weight, each in zip(self.weights, self.predictors, strict=True):
            found += weight * (_probabilities(each, X) >= 0.5)
        return np.clip(found, 0.0, 1.0)

    def matrix(self, rows: Rows) -> np.ndarray:
        """Return what the predictors see of rows, shape (rows, encoded columns)."""
        X = self.encoder.encode(rows)
        if not self.remover:
            return X
        return X - np.asarray([self.remover[group] for group in self._groups(rows, self.remover)])

    def _groups(self, rows: Rows, known: Mapping[str, Any]) -> list[str]:
        """Return the trained group of each row; an intersection that was never seen goes with the commonest group."""
        largest = self._commonest
        merged = (self.merging.get(joint(row["groups"]), largest) for row in rows)
        return [name if name in known else largest for name in merged]

    @property
    def _commonest(self) -> str:
        values = list(self.merging.values())
        return max(sorted(set(values)), key=values.count)

    @property
    def parameters(self) -> int:
        """How many numbers were fitted: coefficients, tree nodes, thresholds and maps."""
        return sum(_size(each) for each in self.predictors) + 4 * len(self.rules) + 2 * len(self.calibration)

    # ---- keeping ----------------------------------------------------------------------------------------------

    def save(self, folder: Path, model: Path | None = None) -> None:
        """Write the parts; a given model's file is copied beside them."""
        numbers = {name: getattr(self, name) for name in _NUMBERS} | {"design": asdict(self.design)}
        numbers["encoder"] = self.encoder.json()
        numbers["predictors"] = [each.json() if isinstance(each, linear.Linear) else None for each in self.predictors]
        (folder / NUMBERS).write_text(json.dumps(numbers, indent=1, ensure_ascii=False), encoding="utf-8")
        if self.given and model:
            shutil.copyfile(model, folder / f"{MODEL}{model.suffix}")
        if trees := [each for each in self.predictors if not isinstance(each, linear.Linear)]:
            from skops import io

            io.dump(trees, folder / TREES)

    @classmethod
    def load(cls, folder: Path) -> Parts:
        """Read what ``save`` wrote; of types, only scikit-learn's classes are made.

        Raises:
            FairnessError: the file holds another type.
        """
        numbers = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
        predictors = numbers.pop("predictors")
        fields = {**numbers, "design": parse(numbers["design"]), "encoder": Encoder(**numbers["encoder"])}
        parts = cls(**fields)
        if parts.given not in ("", "column"):
            from fairness import given

            parts.scorer = given.load(folder / f"{MODEL}{parts.given}", parts.features, parts.positive)
        trees = iter(_trees(folder / TREES) if None in predictors else ())
        parts.predictors = [next(trees) if each is None else linear.read(each) for each in predictors]
        return parts


_NUMBERS = (
    "features",
    "columns",
    "merging",
    "weights",
    "rules",
    "calibration",
    "remover",
    "given",
    "positive",
    "threshold",
)


def _trees(path: Path) -> list[Any]:
    from fairness.foreign import load

    return load(path)


def _probabilities(predictor: Any, X: np.ndarray) -> np.ndarray:
    if isinstance(predictor, linear.Linear):
        return predictor.probabilities(X)
    return np.asarray(predictor.predict_proba(X)[:, 1], dtype=np.float64)


def _size(predictor: Any) -> int:
    if isinstance(predictor, linear.Linear):
        return predictor.size
    return sum(len(tree.nodes) for stage in predictor._predictors for tree in stage)


def _drawn(rows: Rows, chances: np.ndarray) -> np.ndarray:
    """Draw a decision for each row with its chance of 1, by the row's own content."""
    return np.asarray([int(_uniform(row) < chance) for row, chance in zip(rows, chances, strict=True)], dtype=np.int64)


def _uniform(row: Mapping[str, Any]) -> float:
    text = json.dumps([row["x"], row["groups"]], sort_keys=True, ensure_ascii=False)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=b"decision 1").digest()
    return (int.from_bytes(digest) >> 11) / 2**53


def decide(parts: Parts, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return {"label", "score"} for each row."""
    scores = parts.scores(rows)
    if not np.isfinite(scores).all():
        raise FairnessError("the model gives a score that is no finite number")
    labels = parts.decisions(rows, scores)
    return [{"label": int(label), "score": float(score)} for label, score in zip(labels, scores, strict=True)]

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

from fairness import given, mitigation
from fairness.design import Design, parse
from fairness.errors import FairnessError
from fairness.features import Rows, encoded
from fairness.groups import joint

FITTED = "fitted.skops"
NUMBERS = "numbers.json"
MODEL = "given"
DIGITS = 12
"""Decimals of a score: a product of matrices rounds by the number of rows, and a decision must not hang on that."""
OWN_TYPES = ("fairness.models.PrivateLogistic",)


@dataclass
class Parts:
    """A fitted design.

    Attributes:
        features: columns that a row may have.
        columns: those that the model learned from, with their kind.
        merging: intersection of groups → the group it was trained with.
        predictors: one, or several of which each row is decided by one at random.
        weights: their probabilities.
        rules: thresholds by group.
        calibration: slope and intercept by group.
        remover: what correlation removal takes out.
        given: "column", ".skops" or ".onnx" for a given model.
        threshold: a score from here on is a decision of 1.
    """

    design: Design
    features: list[str]
    merging: dict[str, str]
    columns: dict[str, str] = field(default_factory=dict)
    weights: list[float] = field(default_factory=list)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    calibration: dict[str, list[float]] = field(default_factory=dict)
    remover: Mapping[str, Any] | None = None
    given: str = ""
    threshold: float = 0.5
    encoder: Any = None
    predictors: list[Any] = field(default_factory=list)
    scorer: Any = None

    # ---- applying ---------------------------------------------------------------------------------------------

    def scores(self, rows: Rows) -> np.ndarray:
        """Return the score of 1 for rows, shape (rows,): probabilities, or what a given model gives."""
        base = np.round(self._base(rows), DIGITS)
        if not self.calibration:
            return base
        maps = np.asarray([self.calibration[group] for group in self._groups(rows, self.calibration)])
        return np.round(1 / (1 + np.exp(-(maps[:, 0] * mitigation.log_odds(base) + maps[:, 1]))), DIGITS)

    def decisions(self, rows: Rows, scores: np.ndarray) -> np.ndarray:
        """Return 0 or 1 for rows, given their ``scores``."""
        if self.rules:
            groups = self._groups(rows, self.rules)
            chances = [mitigation.decided(self.rules[g], float(s)) for g, s in zip(groups, scores, strict=True)]
            return _drawn(rows, np.asarray(chances))
        if len(self.predictors) > 1:
            return _drawn(rows, scores)
        return (scores >= self.threshold).astype(np.int64)

    def _base(self, rows: Rows) -> np.ndarray:
        if self.given:
            return (self.scorer or given.column)(rows)
        X = self.matrix(rows)
        if len(self.predictors) > 1:
            votes = np.asarray([np.asarray(each.predict(X), dtype=np.float64) for each in self.predictors])
            return np.clip(np.asarray(self.weights) @ votes, 0.0, 1.0)
        return np.asarray(self.predictors[0].predict_proba(X)[:, 1], dtype=np.float64)

    def matrix(self, rows: Rows) -> np.ndarray:
        """Return what the predictors see of rows, shape (rows, encoded columns)."""
        X = encoded(self.encoder, rows, self.columns)
        if not self.remover or not self.remover["groups"]:
            return X
        order = self.remover["groups"]
        groups = [self.merging.get(joint(row["groups"]), "") for row in rows]
        indicators = np.asarray([[float(group == name) for name in order] for group in groups])
        return X - (indicators - np.asarray(self.remover["mean"])) @ np.asarray(self.remover["beta"])

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
        from skops import io

        numbers = {name: getattr(self, name) for name in _NUMBERS} | {"design": asdict(self.design)}
        (folder / NUMBERS).write_text(json.dumps(numbers, indent=1, ensure_ascii=False), encoding="utf-8")
        if self.given:
            if model:
                shutil.copyfile(model, folder / f"{MODEL}{model.suffix}")
            return
        io.dump({"encoder": self.encoder, "predictors": self.predictors}, folder / FITTED)

    @classmethod
    def load(cls, folder: Path) -> Parts:
        """Read what ``save`` wrote; of types, only scikit-learn's and this package's are made.

        Raises:
            FairnessError: the file holds another type.
        """
        from skops import io

        numbers = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
        parts = cls(**{**numbers, "design": parse(numbers["design"])})
        if parts.given:
            if parts.given != "column":
                parts.scorer = given.load(folder / f"{MODEL}{parts.given}", parts.features)
            return parts
        path = folder / FITTED
        untrusted = io.get_untrusted_types(file=path)
        foreign = [name for name in untrusted if name not in OWN_TYPES and not name.startswith(("sklearn.", "numpy."))]
        if foreign:
            raise FairnessError(f"{path.name} holds a foreign type, {foreign[0]}")
        fitted = io.load(path, trusted=untrusted)
        parts.encoder, parts.predictors = fitted["encoder"], list(fitted["predictors"])
        return parts


_NUMBERS = ("features", "columns", "merging", "weights", "rules", "calibration", "remover", "given", "threshold")


def _size(predictor: Any) -> int:
    if hasattr(predictor, "coef_"):
        return int(np.size(predictor.coef_)) + int(np.size(getattr(predictor, "intercept_", ())))
    trees = getattr(predictor, "_predictors", ())
    return sum(len(tree.nodes) for stage in trees for tree in stage)


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

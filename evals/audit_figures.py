"""The audit's figures beside an independent computation by plain pandas, on adult, COMPAS and German credit.

    uv run --with pandas python evals/audit_figures.py --data FOLDER

FOLDER holds ``adult.csv``, ``compas_two_years.csv`` and ``german_credit.csv``. For each table a column of decisions is
made (COMPAS: decile score of 5 and above; the others: a rule on one column), and every rate and gap of
``nonet.blueprints.responsible_ai_audit.scoring`` is computed again by ``groupby``, intersections and rates of single
groups too. They must agree to 1e-9; exit 1 if not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.blueprints.responsible_ai_audit import scoring

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-9
LEAST = 30


def tables(folder: Path) -> dict[str, tuple[pd.DataFrame, list[str]]]:
    """Return name → (frame with "y", "d", "s" and the attributes, the attributes)."""
    import pandas as pd

    compas = pd.read_csv(folder / "compas_two_years.csv")
    compas = compas.assign(y=compas.two_year_recid, d=(compas.decile_score >= 5) * 1, s=compas.decile_score / 10)
    adult = pd.read_csv(folder / "adult.csv")
    adult = adult.assign(
        y=(adult.income.str.strip() == ">50K") * 1, d=(adult["education-num"] >= 12) * 1, s=adult["education-num"] / 16
    )
    german = pd.read_csv(folder / "german_credit.csv")
    german = german.assign(y=(german.target == 1) * 1, d=(german.duration <= 18) * 1, s=1 / (1 + german.duration))
    german = german.assign(band=np.where(german.age < 25, "below 25", "25 and above"))
    return {
        "compas": (compas, ["race", "sex"]),
        "adult": (adult, ["race", "sex"]),
        "german": (german, ["personal_status_sex", "band"]),
    }


def by_pandas(frame: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """Return the rates of the groups that are large enough, one row a group."""
    import pandas as pd

    sizes = frame.groupby(attribute)["y"].agg(["sum", "count"])
    large = sizes.index[(sizes["sum"] >= LEAST) & (sizes["count"] - sizes["sum"] >= LEAST)]
    kept = frame[frame[attribute].isin(large)]
    groups = kept.groupby(attribute)
    return pd.DataFrame(
        {
            "selection_rate": groups["d"].mean(),
            "true_positive_rate": kept[kept.y == 1].groupby(attribute)["d"].mean(),
            "false_positive_rate": kept[kept.y == 0].groupby(attribute)["d"].mean(),
            "precision": kept[kept.d == 1].groupby(attribute)["y"].mean(),
            "over_score": groups["y"].mean() - groups["s"].mean(),
        }
    )


def expected(frame: pd.DataFrame, attributes: list[str]) -> dict[str, float]:
    """Return every gap and whole-table figure by pandas."""
    rates = {name: by_pandas(frame, name) for name in attributes}
    spread = {name: found.max() - found.min() for name, found in rates.items()}
    both = by_pandas(frame.assign(both=frame[attributes].agg(" & ".join, axis=1)), "both")

    def gap(*names: str) -> float:
        return max(float(each[name]) for each in spread.values() for name in names)

    base = float(frame.y.mean())
    specificity = float(1 - frame.d[frame.y == 0].mean())
    hits = int(((frame.y == 1) & (frame.d == 1)).sum())
    ones, others = frame.s[frame.y == 1].to_numpy(), frame.s[frame.y == 0].to_numpy()
    order = np.sort(others)
    below, upto = np.searchsorted(order, ones, "left"), np.searchsorted(order, ones, "right")
    return {
        "accuracy": float((frame.y == frame.d).mean()),
        "demographic_parity_gap": gap("selection_rate"),
        "equal_opportunity_gap": gap("true_positive_rate"),
        "equalized_odds_gap": gap("true_positive_rate", "false_positive_rate"),
        "predictive_parity_gap": gap("precision"),
        "calibration_gap": gap("over_score"),
        "intersection_gap": float((both.max() - both.min())[["true_positive_rate", "false_positive_rate"]].max()),
        "balanced_accuracy": (hits / int(frame.y.sum()) + specificity) / 2,
        "selection_rate": float(frame.d.mean()),
        "accuracy_most_frequent": max(base, 1 - base),
        "f1_random": base,
        "precision": hits / int(frame.d.sum()),
        "recall": hits / int(frame.y.sum()),
        "f1": 2 * hits / (int(frame.d.sum()) + int(frame.y.sum())),
        **{
            f"{name} {group} {rate}": float(value)
            for name, found in rates.items()
            for rate, column in found.items()
            for group, value in column.items()
        },
        "roc_auc": float((below + (upto - below) / 2).sum() / (len(ones) * len(others))),
    }


def measured(frame: pd.DataFrame, attributes: list[str]) -> Mapping[str, float]:
    """Return the same by the code that a run is scored with."""
    both = frame[attributes].agg(" & ".join, axis=1)
    large = {name: set(by_pandas(frame, name).index) for name in attributes}
    large_both = set(by_pandas(frame.assign(both=both), "both").index)
    outputs: list[Any] = [{"label": int(d), "score": float(s)} for d, s in zip(frame.d, frame.s, strict=True)]
    labels: list[Any] = []
    for row, joined in zip(frame[[*attributes, "y"]].to_dict("records"), both, strict=True):
        compared = [name for name in attributes if row[name] in large[name]]
        compared += [scoring.INTERSECTION] if joined in large_both else []
        groups = {name: row[name] for name in attributes}
        labels.append({"y": int(row["y"]), "groups": groups, "compared": compared, "criterion": "equalized_odds"})
    found = scoring.score(outputs, labels, range(len(outputs)))
    coded = scoring.code(outputs, labels)
    for name in attributes:
        numbered = {group: number for group, number in zip(frame[name], coded.groups[name], strict=True) if number >= 0}
        rates = scoring.group_rates(coded.y, coded.decided, coded.score, coded.groups[name])
        found |= {f"{name} {g} {rate}": float(v[place]) for rate, v in rates.items() for g, place in numbered.items()}
    return found


def main() -> int:
    """Compare; print one line a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    worst = 0.0
    for name, (frame, attributes) in tables(parser.parse_args().data).items():
        wanted, found = expected(frame, attributes), measured(frame, attributes)
        off = {figure: abs(found[figure] - value) for figure, value in wanted.items()}
        worst = max(worst, *off.values())
        print(f"{name}: {len(frame):,} rows, {len(off)} figures, largest difference {max(off.values()):.1e}")
        if name == "compas":
            rates = by_pandas(frame, "race")["false_positive_rate"]
            shown = ", ".join(f"{group} {rates[group]:.4f}" for group in ("African-American", "Caucasian"))
            print(f"  false positive rates: {shown}")
    return int(worst > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())

"""Fewer dimensions: at every share of them, and at any number that the request or the inputs name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nonet.blueprints.vector_database import technologies
from nonet.blueprints.vector_database.docket import Docket
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.state import Brief, Json

SHARES = (50, 33, 25)
"""Percent of the dimensions that reductions are tried at; all of them are every other design."""
_NUMBER = re.compile(r"\b(\d{2,5})[- ]?(?:d\b|dim(?:ension)?s?\b)", re.I)
_EXACT: Mapping[str, Json] = {"engine": "faiss_flat"}
_GRAPH: Mapping[str, Json] = {"engine": "faiss_hnsw"}


def wanted(brief: Brief, inputs: Inputs) -> list[int]:
    """Return the numbers of dimensions that the inputs and the goal name."""
    return list(dict.fromkeys([*inputs.dimensions, *(int(number) for number in _NUMBER.findall(brief.goal))]))


def named(
    docket: Docket,
    brief: Brief,
    numbers: Sequence[int],
    strongest: Mapping[str, Json],
    tuned: Sequence[Mapping[str, Json]],
) -> None:
    """Nominate the numbers that are asked for: by the leading dimensions of tuned models, by PCA, by truncation."""
    if docket.data["metric"] == "l1":
        return
    for number in numbers:
        if docket.width(strongest) == number:
            docket.find(f"The embedding has {number} dimensions, as asked for: every unreduced design is of them.")
            continue
        for model in tuned:
            fields: dict[str, Json] = {**_EXACT, **model, "reduction": "truncate", "dimensions": number}
            docket.nominate(
                fields, "rules", f"{number} dimensions are asked for: Matryoshka truncation after fine-tuning"
            )
        for kind in dict.fromkeys((*_kinds(brief), "pca", "truncate")):
            fields = {**_EXACT, **strongest, "reduction": kind, "dimensions": number}
            how = "PCA" if kind == "pca" else technologies.MATRYOSHKA
            docket.nominate(fields, "rules", f"{number} dimensions are asked for: {how}")


def shares(docket: Docket, brief: Brief, strongest: Mapping[str, Json], tuned: Sequence[Mapping[str, Json]]) -> None:
    """Nominate shares of the dimensions by PCA, by truncation, and of a model tuned for its leading ones."""
    if docket.data["metric"] == "l1":
        docket.exclude("fewer dimensions", "another metric: no rotation keeps L1 distances")
        return
    nested = [each for each in tuned if each["tuning"] == "matryoshka"]
    for share in SHARES:
        for model in (*nested, strongest):
            width = docket.width(model)
            narrower = max(1, round(width * share / 100))
            if narrower >= width:
                continue
            base: dict[str, Json] = {**_EXACT, **model, "dimensions": narrower}
            if model is strongest:
                docket.nominate({**base, "reduction": "pca"}, "rules", f"{share} % of the dimensions by PCA")
            docket.nominate({**base, "reduction": "truncate"}, "rules", f"the first {share} % of the dimensions")
    width = docket.width(strongest)
    half = max(1, width // 2)
    rescored: dict[str, Json] = {**_GRAPH, **strongest, "reduction": "pca", "dimensions": half, "oversample": 4}
    if half < width:
        docket.nominate(rescored, "rules", "a graph over half the dimensions, rescored by all of them")


def _kinds(brief: Brief) -> list[str]:
    return [technologies.REDUCTIONS[name] for name in brief.technologies if name in technologies.REDUCTIONS]

"""What a replay says, in words."""

from __future__ import annotations

from collections.abc import Mapping

from rag.replay.judging import Judged
from rag.replay.requests import REWORDINGS, Requests


def lines(requests: Requests, found: Mapping[str, Judged]) -> list[str]:
    """Return the replay's table and what follows of it."""
    count = len(requests.asked)
    said = f"{count} requests; {requests.repeats:.1%} asked before in the same words"
    if requests.reworded is None:
        said += ", as logged."
    else:
        said += f", {requests.reworded:.1%} in others ({'; '.join(REWORDINGS)})."
    rows = [
        said,
        "",
        f"{'cache':10} {'hits':>7} {'wrong hits':>16} {'wrong by labels':>16} {'p50 ms':>8} {'p95 ms':>8}",
    ]
    for name, judged in found.items():
        wrong = f"{judged.wrong} of {judged.hits}" if judged.hits else "-"
        labelled = f"{judged.wrong_labelled} of {judged.labelled}" if judged.labelled else "-"
        rate = f"{judged.hits / judged.requests:7.1%}"
        rows.append(f"{name:10} {rate} {wrong:>16} {labelled:>16} {judged.p50:8.2f} {judged.p95:8.2f}")
    return [*rows, "", verdict(found["similar"]), "Answers were extracts; a chat model's time would be saved on top."]


def verdict(similar: Judged) -> str:
    """Say whether like questions may share an answer on these data."""
    wrong = max(similar.wrong, similar.wrong_labelled)
    if wrong:
        return f"similar: {wrong} of {similar.hits} hits were wrong; leave it off."
    if not similar.hits:
        return "similar: no hit, so nothing is known of it; leave it off."
    bound = 1 - 0.05 ** (1 / similar.hits)
    return (
        f"similar: none of {similar.hits} hits was wrong; with 95 % confidence fewer than {bound:.1%} are, "
        "on questions like these."
    )

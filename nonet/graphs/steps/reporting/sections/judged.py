"""What a model judged of generated answers: who it was, winner against baseline, and whether it agrees with itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Paragraph, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import ABSENT, counted, measured
from nonet.trials.contract import Metric
from nonet.trials.decision import interval


def blocks(account: Account) -> list[Block]:
    """Say whose opinion the judged metrics are, and how far it can be believed; nothing where nobody was asked."""
    said = account.judge
    if not said:
        return []
    if not said["questions"]:
        return [Paragraph(f"No answer was judged: {one_line(said['why'], 300)}.")]
    return [
        Paragraph(_who(account)),
        Table(["Of the judged", "Winner less baseline", "Its own second rating differs by"], _rows(account), (1, 2)),
        Paragraph(_pairs(said)),
    ]


def named(account: Account) -> str:
    """Name the judged metrics."""
    return ", ".join(one_line(name, 80) for name in account.judge["metrics"])


def lacking(account: Account, metric: Metric) -> str:
    """Say why a metric that needs something has no value."""
    why = account.judge.get("why") if metric.source == "judge" else ""
    return f"not judged: {one_line(why, 200)}" if why else f"needs {metric.needs}"


def _who(account: Account) -> str:
    said = account.judge
    writer, judge = one_line(said["writer"], 80), one_line(said["judge"], 80)
    kin = "a model of another family" if said["other_family"] else "no model of another family has a seat"
    kin = f"by {judge}, {kin}" if said["other_family"] or writer != judge else f"by the same model: {kin}"
    short = (
        f" Of {said['wanted']:,} questions no more were judged: {one_line(said['why'], 300)}." if said["why"] else ""
    )
    return (
        f"{named(account)} are a model's opinion and decided nothing: answers written by {writer} from the packed "
        f"contexts of {counted(said['questions'], 'selection question')} were judged {kin}, each with the passages in "
        f"both orders.{short}"
    )


def _rows(account: Account) -> list[tuple[Text, ...]]:
    said = account.judge
    apart = said["self_agreement"]["rating_difference"]
    return [
        (name, _value(account, said["difference"].get(name), name, sign=True), _value(account, apart.get(name), name))
        for name in said["metrics"]
    ]


def _value(account: Account, found: Any, name: str, *, sign: bool = False) -> Text:
    return measured(interval(found), account.metrics.get(name), sign=sign) if found else ABSENT


def _pairs(said: Mapping[str, Any]) -> str:
    pairwise, agreement = said["pairwise"], said["self_agreement"]["verdicts_in_both_orders"]
    decided = pairwise["wins"] + pairwise["losses"]
    if not decided and not pairwise["flipped"]:
        return f"Winner against baseline was not decided by the judge; the answers were equal {pairwise['same']} times."
    rate = pairwise["win_rate"]
    ends = f" (share {rate['value']:.2f}, 95 % [{rate['low']:.2f}, {rate['high']:.2f}])" if rate else ""
    return (
        f"Shown both answers, in both orders, it prefers the winner's {pairwise['wins']} times and the baseline's "
        f"{pairwise['losses']} times{ends}; {pairwise['flipped']} verdicts turned with the order and count for "
        f"neither, {pairwise['abstained']} times it could not tell, {pairwise['same']} times the answers were equal, "
        f"{pairwise['failed']} times it failed. It agrees with itself over the two orders in "
        f"{agreement['value']:.0%} of {agreement['n']} (95 % [{agreement['low']:.0%}, {agreement['high']:.0%}])."
    )

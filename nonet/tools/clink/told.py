"""What came of a consultation, as items: a group of claims or an option each; nothing is put in words of our own."""

from __future__ import annotations

from collections.abc import Sequence

from nonet.providers.secrecy import hidden, struck
from nonet.settings import Settings
from nonet.tools.clink.council import Consulted
from nonet.tools.clink.open_question import Group
from nonet.tools.clink.options import Compared, Judged
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item


def told(consulted: Consulted, options: Sequence[str], settings: Settings) -> Found:
    """Return a consultation as what a tool finds, secrets struck out: evidence of a run is written to its folder."""
    # Struck out before anything is cut: half of a secret would not be found any more.
    secret = hidden(settings)
    backend = "seats" if consulted.reviewed or consulted.compared else "rules"
    if consulted.reviewed:
        items = [_group(number, group, secret) for number, group in enumerate(consulted.reviewed.groups, start=1)]
    elif consulted.compared:
        items = _options(consulted.compared, options, secret)
    else:
        items = consulted.items
    plain = [Item.model_validate(struck(item.model_dump(), secret)) for item in items]
    return Found(backend, plain, note(consulted, secret))


def note(consulted: Consulted, secret: list[str]) -> str:
    """Return what a reader must know besides, in one paragraph: failures by name, what it took, how to go on."""
    said = [str(struck(each, secret)) for each in consulted.remarks]
    failed = {seat: " ".join(str(struck(why, secret)).split())[:300] for seat, why in consulted.failed.items()}
    said += [f"Not heard: {seat} ({why})." for seat, why in failed.items()]
    if consulted.reviewed and consulted.reviewed.groups:
        said.append("That seats agree is no confidence.")
    if consulted.reviewed or consulted.compared:
        said.append(f"Spent: {consulted.tokens:,} tokens, {consulted.usd:.4f} USD where prices are known.")
    if consulted.continuation:
        said.append(f"continuation_id: {consulted.continuation}")
    return " ".join(said)


def _group(number: int, group: Group, secret: list[str]) -> Item:
    lines: list[str] = []
    for each in group.members:
        lines.append(f"{each.seat}: {each.claim.statement}")
        lines += [f"  because {each.claim.reason}"] if each.claim.reason else []
        lines += [f"  risk: {each.claim.risk}"] if each.claim.risk else []
    lines += [f"contradicted by {seat}: {why}" for seat, why in group.contradicted.items()]
    lines += [f"{each.mark}: {each.evidence.reference} ({each.said})" for each in group.evidence]
    facts: Facts = {
        "held_by": list(group.holders),
        "claimed_by": sorted({each.seat for each in group.members}),
        "contradicted_by": list(group.contradicted),
        "checked": _marked(group, "checked"),
        "refuted": _marked(group, "refuted"),
        "unchecked": _marked(group, "unchecked"),
    }
    title = group.members[0].claim.statement
    excerpt = str(struck("\n".join(lines), secret))[:EXCERPT_LIMIT]
    return Item(reference=f"claim:{number}", title=title, excerpt=excerpt, facts=facts)


def _marked(group: Group, mark: str) -> list[str]:
    return [each.evidence.reference for each in group.evidence if each.mark == mark]


def _options(compared: Compared, options: Sequence[str], secret: list[str]) -> list[Item]:
    ranking = compared.ranking
    items: list[Item] = []
    for place, position in enumerate(ranking.order if ranking else range(len(options)), start=1):
        facts: Facts = {"option": position + 1, "verdicts": _count(compared, position)}
        if ranking:
            facts |= {
                "place": place,
                "strength": round(ranking.strengths[position], 4),
                "low": round(ranking.low[position], 4),
                "high": round(ranking.high[position], 4),
                "leads": ranking.leader == position,
            }
        lines = [options[position]]
        for each in compared.judged:
            if position in each.pair:
                lines.append(_verdict(each, position))
        excerpt = str(struck("\n".join(lines), secret))[:EXCERPT_LIMIT]
        items.append(Item(reference=f"option:{position + 1}", title=options[position], excerpt=excerpt, facts=facts))
    flips: Facts = {judge: {"pairs": pairs, "flipped": flipped} for judge, (pairs, flipped) in compared.flips().items()}
    lines = [_dissent(each) for each in compared.judged if each.outcome != "consistent"]
    lines += [_dissent(each) for each in compared.judged if ranking and _against(each, ranking.order)]
    items += [
        Item(reference=f"dissent:{number}", title="Verdicts against the ranking, turned, abstained or failed",
             excerpt="\n".join(part), facts=flips if number == 1 else {})
        for number, part in enumerate(_parted([str(struck(each, secret)) for each in lines]), start=1)
    ]  # fmt: skip
    return items


def _count(compared: Compared, position: int) -> dict[str, bool | int | float | str | list[str] | None]:
    pairs = [each for each in compared.judged if position in each.pair]
    return {
        "won": sum(each.winner == position for each in pairs),
        "lost": sum(each.winner not in (None, position) for each in pairs),
        "flipped": sum(each.outcome == "flipped" for each in pairs),
        "abstained": sum(each.outcome == "abstained" for each in pairs),
    }


def _verdict(each: Judged, position: int) -> str:
    other = sum(each.pair) - position + 1
    said = "better than" if each.winner == position else "worse than"
    outcome = f"{said} option {other}" if each.outcome == "consistent" else f"{each.outcome} on option {other}"
    return f"{each.judge}: {outcome}"


def _dissent(each: Judged) -> str:
    i, j = each.pair
    won = "" if each.winner is None else f", for {each.winner + 1}"
    return (
        f"{each.judge} on options {i + 1} and {j + 1} ({each.outcome}{won}): {' / '.join(filter(None, each.reasons))}"
    )


def _against(each: Judged, order: Sequence[int]) -> bool:
    return each.winner is not None and order.index(each.winner) > order.index(sum(each.pair) - each.winner)


def _parted(lines: Sequence[str]) -> list[list[str]]:
    """Cut lines into parts that an excerpt holds; no line of dissent is left out."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if parts[-1] and sum(len(each) + 1 for each in parts[-1]) + len(line) > EXCERPT_LIMIT:
            parts.append([])
        parts[-1].append(line[:EXCERPT_LIMIT])
    return parts

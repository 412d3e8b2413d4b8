"""One consultation: who is asked, what they are shown, and what came of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from langchain_core.messages import BaseMessage

from nonet.errors import ConfigurationError, ToolError
from nonet.providers.chat import preload
from nonet.providers.secrecy import hidden
from nonet.providers.spending import Spending
from nonet.settings import Settings
from nonet.tools.clink import conversation, material
from nonet.tools.clink.open_question import Reviewed, question, review
from nonet.tools.clink.options import MOST_OPTIONS, Compared, Option, compare
from nonet.tools.clink.seat import Seat, seats
from nonet.tools.clink.together import Asked, Round
from nonet.tools.contract import Item, ToolContext


@dataclass(frozen=True)
class Inquiry:
    """What is asked.

    Attributes:
        seats: names of the seats asked; empty for all of the settings.
        role: what every seat looks at; "" for its own.
        authors: of each option the seat that proposed it, "" for a person; empty where a person proposed all.
    """

    prompt: str
    seats: Sequence[str] = ()
    role: str = ""
    paths: Sequence[str] = ()
    images: Sequence[str] = ()
    continuation: str = ""
    options: Sequence[str] = ()
    authors: Sequence[str] = ()


@dataclass
class Consulted:
    """What came of it: ``reviewed`` of an open question, ``compared`` of options, ``items`` where no seat was there.

    Attributes:
        failed: seat → why it was not heard.
        remarks: what a reader must know besides.
    """

    asked: list[str]
    continuation: str = ""
    reviewed: Reviewed | None = None
    compared: Compared | None = None
    items: list[Item] = field(default_factory=list[Item])
    failed: dict[str, str] = field(default_factory=dict[str, str])
    remarks: list[str] = field(default_factory=list[str])
    tokens: int = 0
    usd: float = 0.0


async def consult(inquiry: Inquiry, context: ToolContext) -> Consulted:
    """Ask the seats.

    Args:
        inquiry: what is asked.
        context: what may be read, the configuration, and the run's limits; outside a run those of the settings hold.

    Raises:
        ToolError: a seat, path, image or conversation is not there, or the options cannot be compared.
    """
    settings = context.settings
    chosen = _chosen(settings, inquiry)
    if inquiry.options:
        _comparable(inquiry)
    talk = conversation.resume(settings, inquiry.continuation) if inquiry.continuation else conversation.begin()
    able = [seat for seat in chosen if not seat.lack]
    if not able:
        return await _without(inquiry, chosen, context)
    spent = context.spending or Spending(None, settings.max_usd, settings.max_tokens, hidden(settings))
    round_ = Round(settings, spent)
    await asyncio.to_thread(preload, settings)
    quoted = await asyncio.to_thread(material.files, inquiry.paths, context) if inquiry.paths else ""
    consulted = Consulted([seat.name for seat in chosen], talk.name)
    before = spent.spent()
    if inquiry.options:
        await _compare(inquiry, chosen, able, quoted, round_, consulted)
    else:
        await _review(inquiry, chosen, quoted, talk, round_, context, consulted)
    after = spent.spent()
    consulted.tokens, consulted.usd = after[0] - before[0], round(after[1] - before[1], 6)
    return consulted


def _chosen(settings: Settings, inquiry: Inquiry) -> list[Seat]:
    try:
        known = seats(settings)
    except ConfigurationError as error:
        raise ToolError(error.message, error.remedy) from error
    missing = [name for name in inquiry.seats if name not in {seat.name for seat in known}]
    if missing:
        names = ", ".join(seat.name for seat in known) or "none; set seats in nonet.yaml"
        raise ToolError(f"There is no seat {missing[0]!r}.", f"Seats: {names}.")
    chosen = [seat for seat in known if not inquiry.seats or seat.name in inquiry.seats]
    return [replace(seat, role=inquiry.role) for seat in chosen] if inquiry.role else chosen


def _comparable(inquiry: Inquiry) -> None:
    options = inquiry.options
    if not 2 <= len(options) <= MOST_OPTIONS:
        raise ToolError(f"{len(options)} options cannot be compared.", f"Give 2 to {MOST_OPTIONS}.")
    if len({" ".join(each.split()) for each in options}) < len(options) or not all(each.strip() for each in options):
        raise ToolError("Two options are the same, or one is empty.", "Give options that differ.")
    if inquiry.authors and len(inquiry.authors) != len(options):
        raise ToolError("authors must name one for each option.", 'Write "" for an option given by a person.')
    if inquiry.continuation or inquiry.images:
        raise ToolError("Options are compared without a conversation and without images.", "Leave those out.")


async def _without(inquiry: Inquiry, chosen: Sequence[Seat], context: ToolContext) -> Consulted:
    from nonet.tools.clink.without import without

    items, remarks = await without(inquiry.prompt, inquiry.paths, context)
    said = "No model has a seat here: what follows is what rules, notes and memory hold, and no opinion."
    if inquiry.options:
        said += " The options were compared by nobody."
    if inquiry.images:
        said += " The images were looked at by nobody."
    failed = {seat.name: seat.lack for seat in chosen}
    return Consulted([seat.name for seat in chosen], items=items, failed=failed, remarks=[said, *remarks])


async def _compare(
    inquiry: Inquiry, chosen: Sequence[Seat], able: Sequence[Seat], quoted: str, round_: Round, consulted: Consulted
) -> None:
    families = {seat.name: seat.provider.family for seat in seats(round_.settings)}
    authors = inquiry.authors or [""] * len(inquiry.options)
    unknown = [author for author in authors if author and author not in families]
    if unknown:
        raise ToolError(f"There is no seat {unknown[0]!r} that could be an author.", f"Seats: {', '.join(families)}.")
    options = [Option(text, families.get(author, "")) for text, author in zip(inquiry.options, authors, strict=True)]
    found = await compare(round_, able, inquiry.prompt, quoted, options)
    consulted.compared, consulted.continuation = found, ""
    consulted.failed = {seat.name: seat.lack for seat in chosen if seat.lack}
    for each in found.failures:
        consulted.failed.setdefault(each.seat, f"{each.fault}: {each.said}")
    if found.ranking is None:
        consulted.remarks.append("No verdict held in both orders: the judges abstain, and a person decides.")
    elif found.ranking.leader is None:
        consulted.remarks.append("No option leads every other one beyond its interval: the choice is open.")
    if found.unjudged:
        pairs = ", ".join(f"{i + 1} and {j + 1}" for i, j in found.unjudged)
        consulted.remarks.append(f"Of another family than the authors there is no judge for options {pairs}.")


async def _review(
    inquiry: Inquiry,
    chosen: Sequence[Seat],
    quoted: str,
    talk: conversation.Conversation,
    round_: Round,
    context: ToolContext,
    consulted: Consulted,
) -> None:
    images = await asyncio.to_thread(material.images, inquiry.images, context) if inquiry.images else []
    asked: list[Asked] = []
    for seat in chosen:
        sees = seat.provider.family in material.SEEING
        history: list[BaseMessage] = talk.history(seat.name)
        if images and sees:
            history.append(material.shown(images))
        unseen = ""
        if images and not sees:
            unseen = f"{len(images)} images belong to this question; you cannot see them."
            if not seat.lack:
                consulted.remarks.append(f"{seat.name} cannot see images; it answered without them.")
        asked.append(Asked(seat, question(inquiry.prompt, quoted, unseen), history))
    found = await review(round_, asked, inquiry.prompt, context)
    consulted.reviewed = found
    consulted.failed = {each.seat: f"{each.fault}: {each.said}" for each in found.opinions if each.answer is None}
    for each in found.positions:
        if each.answer is None:
            consulted.remarks.append(f"{each.seat} did not say what it makes of the others' claims: {each.fault}.")
    said = {
        each.seat: json.dumps(each.answer.model_dump(), ensure_ascii=False) for each in found.opinions if each.answer
    }
    if said:
        await asyncio.to_thread(talk.keep, round_.settings, inquiry.prompt, said)
    else:
        consulted.continuation = ""
        consulted.remarks.append("No seat was heard.")

"""How it was measured, in five lines; then what was assumed and what the steps noted."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Bullets, Paragraph, Section, Text, one_line
from nonet.graphs.steps.reporting.numbers import counted, percent
from nonet.trials.splits import SEALED_FROM


def section(account: Account) -> Section:
    """Say how the numbers came about."""
    parts = account.parts
    lines: list[Text] = [
        f"Before anything was built, {counted(sum(parts.values()), 'unit')} were divided by a keyed "
        "hash of their content (or by "
        f"time, where they have one): {parts.get('fit', 0)} to fit, {parts.get('selection', 0)} to choose on, "
        f"{parts.get('holdout', 0)} sealed to claim on (none are sealed below {SEALED_FROM}).",
        "Every candidate was built and run in the blueprint's own environment "
        + ("without confinement" if account.isolation == "none" else f"confined by {account.isolation}")
        + "; its labels stayed with the evaluator.",
        "Candidates raced on growing samples; at each rung the better half went on, less those shown "
        "worse than the leader by "
        "more than the tolerance; the baseline always stayed.",
        *_screening(account),
        f"The finalists were measured on the same {counted(account.compared, 'selection unit')}; the "
        "rule under “Decision” chose "
        "among them, and nothing else did.",
        "The code and parts that ship were scored once on the sealed units, against the baseline "
        "alone, with a paired interval at "
        "the level of that opening.",
    ]
    return Section("How it was measured", [Bullets(lines)])


def _screening(account: Account) -> list[Text]:
    if not account.pool:
        return []
    return [
        f"The first rungs, up to {account.pool['units']} units, were run on a pool: the part of the data that those "
        f"units need ({percent(account.pool['share'])} of what building costs). A pool drops the hopeless and chooses "
        f"nothing; the best {account.pool['finalists']} of it, as far as building them was worth it, and the baseline "
        "were then built and measured on all the data."
    ]


def notes(account: Account) -> Section:
    """List assumptions, what a person changed, what the data's makers say, and the notes of the steps."""
    said: list[str] = [*account.brief.assumptions, *_approved(account), *account.data.notes, *account.notes]
    unique = list(dict.fromkeys(one_line(each, 600) for each in said))
    blocks: list[Block] = [Bullets(list(unique))] if unique else [Paragraph("Nothing was assumed or noted.")]
    if account.pattern:
        tier, name = account.pattern.get("tier", "memory"), account.pattern.get("id", "")
        blocks.append(Paragraph(f"What won was remembered in the tier {tier} as {name}; it nominates first next time."))
    return Section("Assumptions and notes", blocks)


def _approved(account: Account) -> list[str]:
    found = account.approval
    texts = {"dropped": "taken out on approval", "added": "added on approval", "budget": "the budget set on approval"}
    return [f"By a person, {text}: {one_line(found[name], 200)}." for name, text in texts.items() if found.get(name)]

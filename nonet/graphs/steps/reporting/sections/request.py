"""The request clause by clause: each target, technology, input and tool step, and what became of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from nonet import tools
from nonet.graphs.steps.reporting.account import Account, CandidateRow
from nonet.graphs.steps.reporting.document import Paragraph, Section, Span, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import counted
from nonet.graphs.steps.reporting.sections.targets import found, verdict

_FAILED = re.compile(r"\bfailed: ")
_STEP_NOTE = re.compile(r"([a-z][a-z0-9_]*): (.+)", re.S)


def section(account: Account) -> Section:
    """List every clause of the request with its outcome."""
    rows = [*_targets(account), *_technologies(account), *_inputs(account), *_constraints(account), *_steps(account)]
    asked = Paragraph(("Asked: ", Span(f"“{one_line(account.brief.goal)}”", "strong")))
    return Section("The request, clause by clause", [asked, Table(["Clause", "Kind", "Outcome", "How"], rows)])


def _targets(account: Account) -> Iterator[tuple[Text, ...]]:
    for row in account.targets:
        how = found(row, account.metrics)
        yield Span(row.result.name, "code"), "target", verdict(row.result.met), how


def _technologies(account: Account) -> Iterator[tuple[Text, ...]]:
    for name in account.brief.technologies:
        carriers = [row for row in account.candidates.values() if _carries(row, name, account)]
        built = [row for row in carriers if row.measured]
        excluded = next((e for e in account.exclusions if _mentions(e.what, name)), None)
        if built:
            ranks = ", ".join(str(account.numbers[row.key]) for row in built)
            outcome: Text = Span("measured", "good")
            how = f"in candidate{'s' if len(built) > 1 else ''} {ranks}"
        elif excluded:
            outcome, how = Span("not measured", "open"), excluded.needs
        elif carriers:
            row = carriers[0]
            outcome, how = (
                Span("not measured", "open"),
                f"candidate {account.numbers[row.key]}: {row.failed or row.not_measured}",
            )
        else:
            outcome, how = Span("not measured", "open"), "no candidate uses it and no rule says what it would need"
        yield name, "technology", outcome, one_line(how, 300)


def _carries(row: CandidateRow, technology: str, account: Account) -> bool:
    """Whether a candidate uses a technology: its nominators, its description or its design name it."""
    texts = [account.describe(row), *row.reasons, *(str(value) for value in row.design.values())]
    return any(_mentions(text, technology) for text in texts)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.I) is not None


def _inputs(account: Account) -> Iterator[tuple[Text, ...]]:
    fields = account.blueprint.Inputs.model_fields
    for name, value in account.brief.inputs.items():
        path = name in fields and _is_path(fields[name])
        used = "given; its files were copied before anything read them" if path else "given and used"
        text = ", ".join(value) if isinstance(value, list) else value
        yield (Span(f"{name} = {one_line(text, 120)}", "code"), "input", Span("done", "good"), used)


def _is_path(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and "path" in extra


def _constraints(account: Account) -> Iterator[tuple[Text, ...]]:
    for constraint in account.brief.constraints:
        yield (
            one_line(constraint, 200),
            "constraint",
            Span("not measured", "open"),
            "stated in the request; no metric judges it",
        )


def _steps(account: Account) -> Iterator[tuple[Text, ...]]:
    """Yield one row for each step that used tools or says why it did not; a tool's own note is an answer too."""
    counts = Counter((item.step, item.tool, item.backend) for item in account.evidence)
    notes = [match.groups() for note in account.notes if (match := _STEP_NOTE.fullmatch(note))]
    known = set(tools.names())
    for step in dict.fromkeys([*(step for step, _, _ in counts), *(step for step, _ in notes)]):
        found = [
            f"{tool} ({backend}): {counted(count, 'piece')} of evidence"
            for (name, tool, backend), count in counts.items()
            if name == step
        ]
        said = [text for name, text in notes if name == step]
        answered = bool(found) or any(text.partition(": ")[0] in known for text in said)
        failed = any(_FAILED.search(text) for text in said)
        outcome = Span("done", "good")
        if failed or not answered:
            outcome = Span("in part" if answered else "not done", "open")
        yield step, "step", outcome, one_line("; ".join([*found, *said]), 400)

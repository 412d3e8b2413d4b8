"""Evidence: each piece with its reference and what used it; and what could not be measured here."""

from __future__ import annotations

from collections import Counter, defaultdict
from urllib.parse import urlsplit

from nonet.graphs.steps.reporting.account import Account, CallRow
from nonet.graphs.steps.reporting.document import Block, Bullets, Paragraph, Section, Span, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import counted

_FOLD_FROM = 12


def section(account: Account) -> Section:
    """List what the tools found, what the findings are, and what each piece was used for."""
    blocks: list[Block] = []
    if account.findings:
        items = [(one_line(each.text), *_references(account, each.evidence)) for each in account.findings]
        blocks += [Paragraph("Findings:"), Bullets(items)]
    blocks += _opinions(account)
    if not account.evidence:
        said = Paragraph("No tool found anything; the nominations rest on the rules alone.")
        return Section("Evidence", [*blocks, said, *_calls(account)])
    uses = _uses(account)
    rows: list[tuple[Text, ...]] = [
        (
            _reference(item.reference),
            (one_line(item.title, 120), Span(f" {one_line(item.excerpt, 160)}", "muted")),
            f"{item.tool} ({item.backend})",
            "; ".join(uses[item.id]) or Span("nothing: it changed no nomination", "muted"),
        )
        for item in sorted(account.evidence, key=lambda item: not uses[item.id])
    ]
    used = sum(bool(uses[item.id]) for item in account.evidence)
    said = f"{counted(len(rows), 'piece')} of evidence, {used} of them used. Excerpts are quoted data of others."
    fold = f"All {len(rows)} pieces, those used first" if len(rows) > _FOLD_FROM else ""
    blocks += [Paragraph(said), Table(["Reference", "What it says", "Found by", "Used for"], rows, folded=fold)]
    return Section("Evidence", [*blocks, *_calls(account)])


def _opinions(account: Account) -> list[Block]:
    """What models make of what their tools found, beside what it rests on; and what they cited that does not exist."""
    items: list[Text] = [
        (
            Span(f"{each.agent} ({one_line(each.model)}): ", "muted"),
            one_line(str(finding.get("statement", "")), 600),
            *(part for reference in finding.get("references", []) for part in (" ", _reference(str(reference)))),
        )
        for each in account.concluded
        for finding in each.findings
    ]
    blocks: list[Block] = []
    if items:
        said = "What models make of it. These are opinions: each cites what a tool returned, and none decided anything."
        blocks += [Paragraph(said), Bullets(items)]
    references = sum(each.dropped_references for each in account.concluded)
    if references:
        left = counted(sum(each.dropped_findings for each in account.concluded), "finding")
        cited = counted(references, "reference")
        blocks.append(Paragraph(f"Models cited {cited} that no tool returned: dropped, with {left} left without any."))
    return blocks


def not_measured(account: Account) -> Section:
    """List what cannot be measured here and what it would need, and the candidates that were never built."""
    rows: list[tuple[Text, ...]] = [
        (one_line(each.what, 200), one_line(each.needs, 300), _joined(account, each.evidence))
        for each in account.exclusions
    ]
    rows += [
        (f"candidate {account.name(row.key)}", one_line(row.not_measured or "the race ended first", 300), "")
        for row in account.unmeasured
    ]
    rows += [(f"target {row.result.name}", row.needs, "") for row in account.standing_targets if row.needs]
    if not rows:
        return Section(
            "What was not measured", [Paragraph("Nothing was left out: every candidate and target was measured.")]
        )
    return Section("What was not measured", [Table(["What", "Needs, or why", "Evidence"], rows)])


def _calls(account: Account) -> list[Block]:
    """Who was asked, how often, for how long, and how much came back; whether a question left this machine."""
    asked: dict[tuple[str, str, bool], list[CallRow]] = defaultdict(list)
    for call in account.calls:
        asked[call.tool, call.backend, call.remote].append(call)
    if not asked:
        return []
    rows: list[tuple[Text, ...]] = [
        (
            one_line(tool),
            f"{one_line(backend)}{' (a service)' if remote else ''}",
            str(len(calls)),
            _outcomes(calls),
            f"{sum(call.seconds for call in calls):.1f}",
            f"{sum(call.size for call in calls):,}",
        )
        for (tool, backend, remote), calls in sorted(asked.items())
    ]
    left = any(call.remote for call in account.calls)
    said = "Services were asked, as the settings allow." if left else "No question left this machine."
    return [Paragraph(said), Table(["Tool", "Asked", "Calls", "Not answered", "Seconds", "Characters"], rows)]


def _outcomes(calls: list[CallRow]) -> Text:
    failed = Counter(call.outcome for call in calls if call.outcome not in ("answered", "kept"))
    return ", ".join(f"{count} × {outcome}" for outcome, count in sorted(failed.items())) or Span("—", "muted")


def _uses(account: Account) -> dict[str, list[str]]:
    uses: dict[str, list[str]] = defaultdict(list)
    for row in account.candidates.values():
        for reference in row.evidence:
            uses[reference].append(f"nominating {account.numbers[row.key]}")
    for exclusion in account.exclusions:
        for reference in exclusion.evidence:
            uses[reference].append(f"excluding {one_line(exclusion.what, 60)}")
    for finding in account.findings:
        for reference in finding.evidence:
            uses[reference].append("a finding")
    return uses


def _references(account: Account, ids: tuple[str, ...]) -> list[str | Span]:
    known = {item.id: item.reference for item in account.evidence}
    return [part for each in ids for part in (" ", _reference(known.get(each, each)))]


def _joined(account: Account, ids: tuple[str, ...]) -> Text:
    return tuple(_references(account, ids)) or Span("—", "muted")


def _reference(reference: str) -> Span:
    """Return a web address as a link, anything else as it is."""
    shown = one_line(reference, 200)
    try:
        parts = urlsplit(shown)
    except ValueError:
        return Span(shown, "code")
    return Span(shown, "link" if parts.scheme in ("http", "https") and parts.netloc else "code")

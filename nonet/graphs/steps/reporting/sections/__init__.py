"""What a report says, one section a file; each is made from the run's account alone."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Document
from nonet.graphs.steps.reporting.sections import (
    candidates,
    claim,
    cost,
    data,
    decision,
    evidence,
    failures,
    impact,
    method,
    metrics,
    opinions,
    reproduction,
    request,
    second,
    summary,
    targets,
)

ORDER = (
    summary.section,
    request.section,
    decision.section,
    second.section,
    claim.section,
    metrics.section,
    targets.section,
    candidates.pareto,
    candidates.section,
    opinions.section,
    failures.section,
    cost.section,
    data.section,
    impact.section,
    evidence.section,
    evidence.not_measured,
    method.section,
    method.notes,
    reproduction.section,
)


def document(account: Account) -> Document:
    """Make the whole report."""
    return Document(
        title=account.brief.goal or account.blueprint.name,
        lead=summary.lead(account),
        warnings=summary.warnings(account),
        sections=[section(account) for section in ORDER if account.blueprint.second or section is not second.section],
    )

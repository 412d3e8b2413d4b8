"""Offline, a design that calls another machine is no candidate: it is left out by name, before anything is built."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nonet.trials import access, space
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Exclusion, Nomination, Proposal


def within_reach(blueprint: Blueprint[Any, Any], proposal: Proposal) -> Proposal:
    """Return a proposal without the designs that call another machine; each is an exclusion.

    A baseline that does gives its place to the space's defaults.
    """
    exclusions = list(proposal.exclusions)

    def reachable(nomination: Nomination) -> bool:
        away = access.elsewhere(blueprint.access(nomination.design))
        if away:
            needs = f"requests to {', '.join(away)}, which --offline forbids"
            exclusions.append(Exclusion(blueprint.describe(nomination.design), needs, nomination.evidence))
        return not away

    nominations = [each for each in proposal.nominations if reachable(each)]
    baseline = proposal.baseline
    if not reachable(baseline):
        defaults = space.canonical(blueprint.Design, {})
        baseline = Nomination(defaults, "rules", "the default baseline: the one proposed calls another machine")
        nominations = [each for each in nominations if each.design != defaults]
    return replace(proposal, baseline=baseline, nominations=nominations, exclusions=exclusions)

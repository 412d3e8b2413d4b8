"""Offline, what calls another machine is excluded by name, and what stays on this one is not."""

from __future__ import annotations

from typing import Any

from nonet.blueprints import load
from nonet.blueprints.rag_system.design import BASELINE, Design
from nonet.graphs.steps.consult.answer import refusal
from nonet.graphs.steps.within_reach import within_reach
from nonet.trials.contract import Nomination, Proposal
from nonet.trials.space import canonical


def _calling(url: str) -> Nomination:
    design = canonical(Design, {"retrieval": "dense", "embedding": "url", "embedding_at": url})
    return Nomination(design, "rules", "a model that was given", ("e1",))


PLAIN = Nomination(BASELINE, "rules", "plain")
HERE, AWAY = _calling("http://127.0.0.1:8080/v1"), _calling("https://api.example.com/v1")


def _within(baseline: Nomination, *nominations: Nomination) -> Any:
    return within_reach(load("rag_system"), Proposal(baseline, nominations))


def test_a_design_that_calls_another_machine_is_an_exclusion():
    proposal = _within(PLAIN, HERE, AWAY)
    assert (proposal.baseline, proposal.nominations) == (PLAIN, [HERE])
    (excluded,) = proposal.exclusions
    assert excluded.needs == "requests to api.example.com:443, which --offline forbids"
    assert "https://api.example.com/v1" in excluded.what
    assert excluded.evidence == ("e1",)


def test_a_baseline_that_does_gives_its_place_to_the_defaults():
    proposal = _within(AWAY, PLAIN, HERE)
    assert proposal.baseline.design == BASELINE
    assert proposal.nominations == [HERE]
    assert len(proposal.exclusions) == 1
    assert _within(HERE, PLAIN).baseline == HERE


def test_a_seat_is_not_given_what_these_inputs_lack_something_for():
    blueprint = load("model_optimization")
    known = canonical(blueprint.Design, {})
    compiled = canonical(blueprint.Design, {"runtime": "inductor"})
    why = refusal(blueprint, [known], True, lambda design: "no module" if design["runtime"] == "inductor" else "")
    assert why(compiled) == "no module"
    assert why(known) == ""

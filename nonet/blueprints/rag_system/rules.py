"""The rules' seat: what a brief, its evidence and the corpus' statistics nominate, exclude and find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.blueprints.rag_system import by_statistics, existing, given_models, guides, technologies
from nonet.blueprints.rag_system.design import BASELINE
from nonet.blueprints.rag_system.docket import Docket
from nonet.blueprints.rag_system.inputs import Inputs
from nonet.blueprints.rag_system.naming import describe
from nonet.state import Brief, Evidence, Json
from nonet.trials.contract import Nomination, Proposal

_FIRST = 4
"""So many ideas by statistics go before what guides and documentation suggest."""
RECALLED = 1
"""At most so many designs of the memory are nominated, the likest data's first. Leave-one-out over five corpora, eight
candidates, ten splits each (``evals/memory.py``): one changed the mean regret by -.0008 [-.0048, .0016] nDCG@10, three
by +.0115 [-.0139, .0514]; they crowd out other designs, though their builds took 129 s less [38, 279]."""
_SUGGESTED = 6
"""At most so many suggestions of guides and documentation are measured; the rest is named in a finding."""


def propose(brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
    """Nominate in the order in which to measure: memory, request, existing system, models given, statistics, guides.

    Args:
        brief: the typed request.
        inputs: what the person gave; designs name no place that it does not name.
        evidence: what the steps gathered.
        data: the corpus' fingerprint.
    """
    docket = Docket(_blocked(evidence), given_models.given(inputs))
    _remembered(docket, evidence)
    _requested(docket, brief)
    baseline = _baseline(docket, evidence, inputs.repo is not None)
    _with_models(docket, data, brief.technologies)
    ideas = by_statistics.ideas(data)
    for idea in ideas[:_FIRST]:
        docket.nominate(idea.fields, "rules", idea.reason)
    _suggested(docket, evidence)
    for idea in by_statistics.transformed(docket.models.query, _reading(docket)):
        docket.nominate(idea.fields, "rules", idea.reason)
    for idea in ideas[_FIRST:]:
        docket.nominate(idea.fields, "rules", idea.reason)
    _named_are_covered(docket, brief, baseline)
    if not by_statistics.english(data):
        docket.find(
            f"The corpus does not look English (guess: {data.get('language')}): MiniLM, the stemmer and the stop words "
            "are made for English, so designs with MiniLM are measured last."
        )
    nominations = [each for each in docket.found.values() if each.design != baseline.design]
    return Proposal(baseline, nominations, docket.exclusions, docket.findings)


def _blocked(evidence: Sequence[Evidence]) -> dict[tuple[str, str], tuple[str, str]]:
    blocked: dict[tuple[str, str], tuple[str, str]] = {}
    for item in evidence:
        library = guides.missing_library(item)
        for choice in guides.NEEDED_BY.get(library or "", ()):
            blocked[choice] = (str(library), item.id)
    return blocked


def _remembered(docket: Docket, evidence: Sequence[Evidence]) -> None:
    """The designs that won on the likest data, a few of them; fields newer than a memory have their defaults."""
    name = "rag_system"
    recalled = [item for item in evidence if item.step == "recall" and item.facts.get("workflow", name) == name]
    for item in sorted(recalled, key=_likeness, reverse=True):
        design = item.facts.get("design")
        if isinstance(design, Mapping) and len(docket.found) < RECALLED:
            score = item.facts.get("score")
            measured = f", ndcg@10 {score:.3f} then" if isinstance(score, float) else ""
            docket.nominate(dict(design), "memory", f"won on like data before ({item.title}{measured})", [item.id])


def _likeness(item: Evidence) -> float:
    likeness = item.facts.get("likeness")
    return likeness if isinstance(likeness, float) else 0.0


def _requested(docket: Docket, brief: Brief) -> None:
    """The named technologies together as one design, and those that cannot be measured by name."""
    given = {part: docket.models.of(part) for part in ("embedding", "rerank", "compression", "query")}
    brought: dict[str, Mapping[str, Json]] = {}
    for name in brief.technologies:
        part = technologies.GIVEN.get(name)
        if part and not given[part]:
            options = {each: needs for each, _, needs in docket.models.absent()}
            docket.exclude(f"{name}, named in the request", options[part])
        elif name in technologies.PACKED:
            docket.find(f"{name}, named in the request, is compared among the packings of what wins.")
        elif part:
            brought[name] = {**given[part][0], **technologies.TRANSFORMED.get(name, {})}
        elif name in technologies.NOT_MEASURED:
            docket.exclude(f"{name}, named in the request", technologies.NOT_MEASURED[name])
        elif name not in technologies.PARTS:
            docket.exclude(f"{name}, named in the request", "a part of the design space that uses it")
        if name in technologies.NEAREST:
            docket.find(f"{name}, named in the request: {technologies.NEAREST[name]}.")
    known = [name for name in brief.technologies if name in technologies.PARTS]
    if known or brought:
        fields = technologies.combined(known, brought)
        docket.nominate(fields, "rules", f"the request names {', '.join([*known, *brought])}")


def _with_models(docket: Docket, data: Mapping[str, Json], named: Sequence[str]) -> None:
    """Nominate designs with the models that the inputs give; name once what is absent because none is given."""
    models = docket.models
    for idea in by_statistics.with_models(data, models.embeddings, models.rerankers, _reading(docket)):
        docket.nominate(idea.fields, "rules", idea.reason)
    for part, what, options in models.absent():
        if not any(technologies.GIVEN.get(name) == part for name in named):
            docket.exclude(what, options)


def _named_are_covered(docket: Docket, brief: Brief, baseline: Nomination) -> None:
    """Nominate each named technology that no candidate uses yet (rivals cannot stand in one design)."""
    for name in brief.technologies:
        designs = [baseline.design, *(each.design for each in docket.found.values())]
        if name in technologies.PARTS and not any(technologies.uses(design, name) for design in designs):
            docket.nominate(technologies.combined([name]), "rules", f"the request names {name}")


def _baseline(docket: Docket, evidence: Sequence[Evidence], repository: bool) -> Nomination:
    """The existing system where it can run here, else whole pages by BM25, and the nearest to it as a candidate."""
    default = Nomination(BASELINE, "rules", "the default baseline: whole pages by BM25, k1 1.2, b .75")
    system = existing.recognise(evidence, docket.models)
    if system is None:
        if repository:
            seen = [item.id for item in evidence if item.step == existing.STEP]
            docket.find("No retrieval system was recognised in the repository; the baseline is whole-page BM25.", seen)
        return default
    where = f"{', '.join(system.references[:3])}: {', '.join(system.parts)}"
    design = docket.design(system.fields, f"the existing system, {where}", system.evidence)
    needs = [*system.missing, *(docket.needs(design) if design else ["sizes within the space"])]
    if design is None or needs:
        docket.exclude(f"the existing system ({where})", "; ".join(needs), system.evidence)
        _nearest(docket, system, needs)
        return default
    docket.find(f"The baseline is the existing system ({where}), measured as: {describe(design)}.", system.evidence)
    for remark in system.remarks:
        docket.find(remark, system.evidence)
    docket.nominate(BASELINE, "rules", "the default baseline beside the existing system")
    return Nomination(design, "existing", f"the existing system ({where})", system.evidence)


def _nearest(docket: Docket, system: existing.Existing, needs: Sequence[str]) -> None:
    """Nominate what of an existing system can run here, and say that it is not the system itself."""
    fields = dict(system.fields)
    if "retrieval" not in fields:
        fields |= _reading(docket)
    elif "embedding" in fields and ("embedding", str(fields["embedding"])) in docket.blocked:
        fields["embedding"] = _embedding(docket)
        if fields["embedding"] == "none":
            fields["retrieval"] = "bm25"
    reason = f"the nearest to the existing system that can run here, not that system: it lacks {'; '.join(needs)}"
    docket.nominate(fields, "existing", reason, system.evidence)


def _suggested(docket: Docket, evidence: Sequence[Evidence]) -> None:
    suggestions = [suggestion for item in evidence for suggestion in guides.suggestions(item)]
    for number, suggestion in enumerate(suggestions):
        if number >= _SUGGESTED:
            docket.find(f"Not measured, the queue is long: {suggestion.reason}.", [suggestion.evidence])
            continue
        fields = dict(suggestion.fields)
        if "chunk_size" in fields and "retrieval" not in fields:
            fields = {**_reading(docket), **fields}
        if str(fields.get("retrieval", "")) in ("hybrid_rrf", "hybrid_weighted", "dense"):
            fields.setdefault("embedding", _embedding(docket))
        docket.nominate(fields, "rules", suggestion.reason, [suggestion.evidence])


def _reading(docket: Docket) -> Mapping[str, Json]:
    """A retrieval for chunks whose source names none: the strongest that can run here."""
    embedding = _embedding(docket)
    if embedding == "none":
        return {"retrieval": "bm25"}
    return by_statistics.MINILM if embedding == "minilm" else by_statistics.STATIC


def _embedding(docket: Docket) -> str:
    for name in ("minilm", "wordllama"):
        if ("embedding", name) not in docket.blocked:
            return name
    return "none"

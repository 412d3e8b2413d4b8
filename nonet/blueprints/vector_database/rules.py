"""The rules' seat: what a brief, its evidence and the data's sizes nominate, exclude and find."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nonet.blueprints.vector_database import existing, guides, servers, technologies
from nonet.blueprints.vector_database.docket import Docket
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.blueprints.vector_database.naming import describe
from nonet.state import Brief, Evidence, Json
from nonet.trials.contract import Nomination, Proposal

EXACT_IS_ENOUGH = 10_000
"""Rows below which exact search is likely to be as fast as a graph: then graphs come later in the queue."""
SHARES = (50, 33, 25)
"""Percent of the dimensions that reductions are tried at; all of them are every other design."""
SUGGESTED = 3
_DIMENSIONS = re.compile(r"\b(\d{2,5})[- ]?(?:d\b|dim(?:ension)?s?\b)", re.I)
_EXACT: Mapping[str, Json] = {"engine": "faiss_flat"}
_GRAPH: Mapping[str, Json] = {"engine": "faiss_hnsw"}


def propose(brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
    """Nominate, most telling first: what the request names, the existing index, embeddings, engines, dimensions."""
    models = str(data["embeddings"]).split(",")
    missing = {library: item.id for item in evidence if (library := guides.missing_library(item))}
    docket = Docket(data, {"embedding": models[0]}, missing, servers=inputs.server)
    baseline = _baseline(docket, evidence, inputs.repo is not None)
    _remembered(docket, evidence)
    _servers(docket, inputs, {"embedding": models[-1]})
    _named(docket, brief, models, inputs)
    for model in models[1:]:
        docket.nominate({**_EXACT, "embedding": model}, "rules", f"{model}, searched exactly")
    strongest = {"embedding": models[-1]}
    if "given" not in models:
        _hybrid(docket, strongest)
    _engines(docket, strongest)
    _dimensions(docket, brief, strongest)
    _suggested(docket, evidence, strongest)
    _told(docket, data)
    nominations = [each for each in docket.found.values() if each.design != baseline.design]
    return Proposal(baseline, nominations, docket.exclusions, docket.findings)


def _baseline(docket: Docket, evidence: Sequence[Evidence], repository: bool) -> Nomination:
    """The existing index where it can run here, else exact search by the first embedding."""
    exact = docket.design(_EXACT, "the default baseline", ()) or {}
    default = Nomination(exact, "rules", "the default baseline: exact search")
    found = existing.recognise(evidence)
    if found is None:
        if repository:
            seen = [item.id for item in evidence if item.step == existing.STEP]
            docket.find("No vector index was recognised in the repository; the baseline is exact search.", seen)
        return default
    where = f"the existing index ({', '.join(found.references[:3])}: {found.name})"
    design = docket.design(found.fields, where, found.evidence)
    needs = found.missing or (docket.needs(design) if design else "sizes within the space")
    if design is None or needs:
        docket.exclude(where, needs, found.evidence)
        docket.nominate(found.fields, "existing", f"the nearest to {where} that can run here", found.evidence)
        return default
    docket.find(f"The baseline is {where}, measured as: {describe(design)}.", found.evidence)
    docket.nominate(_EXACT, "rules", "exact search, beside the existing index")
    return Nomination(design, "existing", where, found.evidence)


def _remembered(docket: Docket, evidence: Sequence[Evidence]) -> None:
    """The design that won on the likest data, if it can run on these."""
    name = "vector_database"
    recalled = [item for item in evidence if item.step == "recall" and item.facts.get("workflow", name) == name]
    for item in sorted(recalled, key=_likeness, reverse=True)[:1]:
        design = item.facts.get("design")
        if isinstance(design, Mapping):
            docket.nominate(dict(design), "memory", f"won on like data before ({item.title})", [item.id])


def _likeness(item: Evidence) -> float:
    likeness = item.facts.get("likeness")
    return likeness if isinstance(likeness, float) else 0.0


def _servers(docket: Docket, inputs: Inputs, strongest: Mapping[str, Json]) -> None:
    for fields in servers.fields(inputs.server):
        docket.nominate({**strongest, **fields}, "rules", "a server that is given")


def _named(docket: Docket, brief: Brief, models: Sequence[str], inputs: Inputs) -> None:
    """The technologies that the request names, each as a design; those that cannot be measured by name."""
    texts = "given" not in models
    for name in brief.technologies:
        if name in technologies.PARTS:
            fields = {"embedding": models[-1], **technologies.PARTS[name]}
            docket.nominate(fields, "rules", f"the request names {name}")
        elif name in technologies.OF_TEXTS:
            fields = {**_EXACT, "embedding": models[-1], **technologies.OF_TEXTS[name]}
            if texts:
                docket.nominate(fields, "rules", f"the request names {name}")
            else:
                docket.exclude(f"{name}, named in the request", "texts: given vectors have no words")
        elif name.lower() in {each.partition("=")[0].strip().lower() for each in inputs.server}:
            continue  # it is given, and a candidate already
        elif name in technologies.NOT_MEASURED:
            docket.exclude(f"{name}, named in the request", technologies.NOT_MEASURED[name])
        if name in technologies.NEAREST:
            docket.find(f"{name}, named in the request: {technologies.NEAREST[name]}.")


def _hybrid(docket: Docket, strongest: Mapping[str, Json]) -> None:
    for fields in ({"hybrid": "weighted", "dense_weight": 0.6}, {"hybrid": "rrf"}):
        docket.nominate({**_EXACT, **strongest, **fields}, "rules", "words find what vectors miss: names, numbers")
    hybrid: dict[str, Json] = {**_GRAPH, **strongest, "hybrid": "weighted"}
    docket.nominate(hybrid, "rules", "hybrid search over a graph")


def _engines(docket: Docket, strongest: Mapping[str, Json]) -> None:
    """Every engine, with its quantizations; graphs first where there are many rows."""
    graphs: list[tuple[dict[str, Json], str]] = [
        ({"engine": "faiss_hnsw"}, "a graph: high recall in well under a millisecond"),
        ({"engine": "usearch"}, "a graph in usearch"),
        ({"engine": "qdrant"}, "a graph with filters inside the search"),
        ({"engine": "qdrant", "quantization": "scalar"}, "8 bits a dimension: a quarter of the memory"),
        ({"engine": "usearch", "quantization": "scalar", "oversample": 4}, "8 bits a dimension, rescored"),
        ({"engine": "faiss_hnsw", "hnsw_m": 32, "ef_search": 128}, "more links and a wider search: higher recall"),
        ({"engine": "qdrant", "quantization": "binary", "oversample": 10}, "1 bit a dimension, rescored"),
    ]
    scans: list[tuple[dict[str, Json], str]] = [
        ({"engine": "faiss_sq8"}, "an exact scan of 8-bit vectors"),
        ({"engine": "faiss_ivf"}, "an inverted file: quick to build, small, searched by cells"),
        ({"engine": "faiss_ivfpq", "oversample": 10}, "an inverted file of coded vectors, rescored: the smallest"),
    ]
    if docket.data["payloads"]:
        filtered = "a graph, and exact search where a filter lets through little"
        graphs.insert(1, ({"engine": "faiss_hnsw", "exact_below": 10}, filtered))
    rows = docket.data["rows"]
    many = isinstance(rows, int) and rows >= EXACT_IS_ENOUGH
    tables: list[tuple[dict[str, Json], str]] = [
        ({"engine": "lancedb"}, "columns on disk: an index larger than memory"),
        ({"engine": "chroma"}, "a graph beside SQLite"),
        ({"engine": "pgvector"}, "a graph beside tables, in a PostgreSQL"),
    ]
    for fields, reason in [*(graphs + scans if many else scans + graphs), *tables]:
        docket.nominate({**strongest, **fields}, "rules", reason)


def _dimensions(docket: Docket, brief: Brief, strongest: Mapping[str, Json]) -> None:
    """Fewer dimensions: at the shares above, and at any number that the request names."""
    if docket.data["metric"] == "l1":
        docket.exclude("fewer dimensions", "another metric: no rotation keeps L1 distances")
        return
    width = docket.width(str(strongest["embedding"]))
    kinds = [technologies.REDUCTIONS[name] for name in brief.technologies if name in technologies.REDUCTIONS]
    for wanted in dict.fromkeys(int(number) for number in _DIMENSIONS.findall(brief.goal)):
        for kind in dict.fromkeys((*kinds, "pca", "truncate")):
            fields: dict[str, Json] = {**_EXACT, **strongest, "reduction": kind, "dimensions": wanted}
            docket.nominate(fields, "rules", f"the request names {wanted} dimensions")
    for share in SHARES:
        narrower = max(1, round(width * share / 100))
        if narrower < width:
            base: dict[str, Json] = {**_EXACT, **strongest, "dimensions": narrower}
            docket.nominate({**base, "reduction": "pca"}, "rules", f"{share} % of the dimensions by PCA")
            if share == SHARES[0] or "truncate" in kinds:
                docket.nominate({**base, "reduction": "truncate"}, "rules", f"the first {share} % of the dimensions")
    half = max(1, width // 2)
    rescored: dict[str, Json] = {**_GRAPH, **strongest, "reduction": "pca", "dimensions": half, "oversample": 4}
    if half < width:
        docket.nominate(rescored, "rules", "a graph over half the dimensions, rescored by all of them")


def _suggested(docket: Docket, evidence: Sequence[Evidence], strongest: Mapping[str, Json]) -> None:
    found = [suggestion for item in evidence for suggestion in guides.suggestions(item)]
    for number, suggestion in enumerate(found):
        if number < SUGGESTED:
            docket.nominate({**strongest, **suggestion.fields}, "rules", suggestion.reason, [suggestion.evidence])
        else:
            docket.find(f"Not measured, the queue is long: {suggestion.reason}.", [suggestion.evidence])


def _told(docket: Docket, data: Mapping[str, Json]) -> None:
    """Say what the data leave open."""
    if data["kind"] == "texts" and data["labels"] == "computed":
        docket.find(
            "No relevant texts are given: designs are told apart by recall of the exact neighbours of their own "
            "embedding, which says nothing about which embedding is better or whether hybrid search helps; give "
            "--relevant FILE."
        )
    if data["kind"] == "texts" and "minilm" not in str(data["embeddings"]):
        docket.find(
            f"MiniLM was not tried on {data.get('words_total')} words of text, which it would take long to read; "
            "--embeddings wordllama,minilm measures it."
        )
    if not data["payloads"]:
        docket.find("No payloads are given, so filtered search is not measured; give --payloads FILE.")
    if not data.get("log"):
        docket.find(
            "No log of questions is given, so what a cache of answers would do is not measured: how often questions "
            "repeat is nothing that texts tell; give --log FILE."
        )
    scale, rows = data["scale"], data["rows"]
    if isinstance(scale, int) and isinstance(rows, int) and scale:
        docket.find(
            f"The scale of {scale:,} rows is {scale / max(rows, 1):,.0f} times the rows at hand: what it would need is "
            "extrapolated by power laws through builds of several sizes; their error is that at the largest measured "
            "size (scale_error), and grows with the factor. `vectordb plan` of the shipped project turns it into "
            "shards, replicas and cost."
        )

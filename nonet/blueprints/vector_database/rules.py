"""The rules' seat: what a brief, its evidence and the data's sizes nominate, exclude and find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nonet.blueprints.vector_database import dimensions, embedding_models, existing, guides, servers, technologies
from nonet.blueprints.vector_database.docket import Docket
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.blueprints.vector_database.naming import describe
from nonet.state import Brief, Evidence, Json
from nonet.trials.contract import Nomination, Proposal

EXACT_IS_ENOUGH = 10_000
"""Rows below which exact search is likely to be as fast as a graph: then graphs come later in the queue."""
FEWEST_PAIRS = 8
"""Pairs below which no model is tuned."""
SUGGESTED = 3
_EXACT: Mapping[str, Json] = {"engine": "faiss_flat"}
_GRAPH: Mapping[str, Json] = {"engine": "faiss_hnsw"}
_MULTI: Mapping[str, Json] = {"embedding": "minilm", "multi_vector": "rerank"}
QUALITY = ("quality@10", "ndcg@10")


def propose(brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
    """Nominate, most telling first: what the request names, the existing index, embeddings, engines, dimensions."""
    models = str(data["embeddings"]).split(",")
    missing = {library: item.id for item in evidence if (library := guides.missing_library(item))}
    brought = embedding_models.fields(inputs)
    tunes = embedding_models.tuned(inputs, brief.technologies) and _learnable(inputs, data)
    services = embedding_models.hosted(inputs)
    places = [str(each["model_at"]) for each in (*brought, *services)]
    docket = Docket(data, {"embedding": models[0]}, places, tunes, missing, inputs.server)
    baseline = _baseline(docket, evidence, inputs.repo is not None)
    _remembered(docket, evidence)
    strongest: dict[str, Json] = dict(brought[-1]) if brought else {"embedding": models[-1]}
    _servers(docket, inputs, strongest)
    _named(docket, brief, strongest, inputs)
    for each, reason in [
        *(({"embedding": model}, "another embedding, searched exactly") for model in models[1:]),
        *((each, f"{technologies.OTHERS}: a folder that is given") for each in brought),
        *((each, f"{technologies.HOSTED}: a service that is given") for each in services),
    ]:
        fields: dict[str, Json] = {**_EXACT, **each}
        docket.nominate(fields, "rules", reason)
    wanted = dimensions.wanted(brief, inputs)
    tuned = _tuned(docket, inputs, brought)
    dimensions.named(docket, brief, wanted, strongest, tuned)
    for each in services:
        both: dict[str, Json] = {**_EXACT, **each, "hybrid": "weighted"}
        docket.nominate(both, "rules", "an embedding service beside words")
    if "given" not in models:
        _hybrid(docket, strongest, tuned)
    by_quality = any(target.strip().startswith(QUALITY) for target in brief.targets)
    if by_quality:
        _multi_vector(docket, models)
    _engines(docket, strongest)
    if not by_quality:
        _multi_vector(docket, models)
    dimensions.shares(docket, brief, strongest, tuned)
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


def _learnable(inputs: Inputs, data: Mapping[str, Json]) -> bool:
    """Whether there is something to tune on: pairs given, relevant texts, or texts with titles or first sentences."""
    pairs = data.get("pairs")
    return inputs.relevant is not None or (isinstance(pairs, int) and pairs >= FEWEST_PAIRS)


def _tuned(docket: Docket, inputs: Inputs, brought: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """The models that are tuned on pairs, searched exactly; the fields of each that can be."""
    found: list[dict[str, Json]] = []
    for base in (brought or [{"embedding": "minilm"}]) if docket.tunes else ():
        for kind, reason in (
            ("matryoshka", "fine-tuning on pairs so that leading dimensions stand alone (MatryoshkaLoss)"),
            ("ranking", "fine-tuning on pairs (MultipleNegativesRankingLoss)"),
        ):
            fields: dict[str, Json] = {**base, "tuning": kind, "epochs": inputs.epochs}
            if docket.nominate({**_EXACT, **fields}, "rules", reason):
                found.append(fields)
    return found


def _named(docket: Docket, brief: Brief, strongest: Mapping[str, Json], inputs: Inputs) -> None:
    """The technologies that the request names, each as a design; those that cannot be measured by name."""
    texts = strongest["embedding"] != "given"
    for name in brief.technologies:
        if name in technologies.PARTS:
            fields: dict[str, Json] = {**strongest, **technologies.PARTS[name]}
            docket.nominate(fields, "rules", f"the request names {name}")
        elif name in technologies.OF_TEXTS:
            fields = {**_EXACT, **strongest, **technologies.OF_TEXTS[name]}
            if "embedding" in technologies.OF_TEXTS[name]:
                fields = {**_EXACT, **technologies.OF_TEXTS[name]}
            if texts:
                docket.nominate(fields, "rules", f"the request names {name}")
            else:
                docket.exclude(f"{name}, named in the request", technologies.NEEDS_TEXTS)
        elif not _given(docket, name, inputs) and name in technologies.NOT_MEASURED:
            docket.exclude(f"{name}, named in the request", technologies.NOT_MEASURED[name])
        if name in technologies.NEAREST:
            docket.find(f"{name}, named in the request: {technologies.NEAREST[name]}.")


def _given(docket: Docket, name: str, inputs: Inputs) -> bool:
    """Whether what the request names is given by the inputs, and so nominated or excluded elsewhere."""
    if name == embedding_models.TUNING:
        if not docket.tunes:
            needs = "texts, and pairs or relevant texts to learn from: --texts FILE --pairs FILE"
            docket.exclude(f"{name}, named in the request", needs)
        return True
    if name == technologies.HOSTED and inputs.hosted:
        docket.find(f"{name}, named in the request: measured as {', '.join(inputs.hosted)}.")
        return True
    if name == technologies.OTHERS and inputs.model:
        docket.find(f"{name}, named in the request: measured as {', '.join(Path(p).name for p in inputs.model)}.")
        return True
    return name.lower() in {each.partition("=")[0].strip().lower() for each in inputs.server}


def _hybrid(docket: Docket, strongest: Mapping[str, Json], tuned: Sequence[Mapping[str, Json]]) -> None:
    for each in tuned[:1]:
        both: dict[str, Json] = {**_EXACT, **each, "hybrid": "weighted"}
        docket.nominate(both, "rules", "a tuned model beside words")
    for fields in ({"hybrid": "weighted", "dense_weight": 0.6}, {"hybrid": "rrf"}):
        docket.nominate({**_EXACT, **strongest, **fields}, "rules", "words find what vectors miss: names, numbers")
    hybrid: dict[str, Json] = {**_GRAPH, **strongest, "hybrid": "weighted"}
    docket.nominate(hybrid, "rules", "hybrid search over a graph")


def _multi_vector(docket: Docket, models: Sequence[str]) -> None:
    """The vectors of all tokens, where MiniLM reads the texts at all: they are its own."""
    if "minilm" in models:
        reason = "all tokens order what one vector a text finds (late interaction)"
        docket.nominate({**_EXACT, **_MULTI}, "rules", reason)
        both: dict[str, Json] = {**_EXACT, **_MULTI, "hybrid": "weighted"}
        docket.nominate(both, "rules", f"{reason}, beside words")


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
            "extrapolated by laws of each engine's growth through builds of several sizes; their error is that at the "
            "largest measured size (scale_error), and grows with the factor. `vectordb plan` of the shipped project "
            "turns it into shards, replicas and cost."
        )

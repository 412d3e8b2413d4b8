"""What an index is built of, stage by stage: records, model, vectors, fewer dimensions, index, words, scaling."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectordb import data, kept, lexical, multivector, reduction, scaling
from vectordb.conditions import Columns
from vectordb.design import Design
from vectordb.embedding import encoder, model, pairs, portable, tuning
from vectordb.engines import contract
from vectordb.errors import DesignError

ENCODER = "encoder"
"""The stage of a model that a folder or tuning gives."""
_GRAPH = ("hnsw_m", "ef_construction")
_INDEX: Mapping[str, tuple[str, ...]] = {
    "faiss_ivf": ("lists",),
    "faiss_ivfpq": ("lists", "code_bytes"),
    "faiss_hnsw": _GRAPH,
    "usearch": ("quantization", *_GRAPH),
    "qdrant": ("quantization", *_GRAPH),
    "lancedb": _GRAPH,
    "chroma": (*_GRAPH, "ef_search"),
    "pgvector": ("server_at", *_GRAPH),
    "qdrant_server": ("server_at", "quantization", *_GRAPH),
    "milvus": ("server_at", *_GRAPH),
    "weaviate": ("server_at", "quantization", *_GRAPH, "ef_search"),
    "pinecone": ("server_at",),
}
"""Engine → what its index depends on besides its name; Chroma keeps the candidates of a search in its index."""


@dataclass(frozen=True)
class Stage:
    """A stage: the design fields and parents it depends on, and whether it reads the data folder."""

    name: str
    fields: tuple[str, ...]
    parents: tuple[str, ...] = ()
    data: bool = True


def of(design: Design) -> list[Stage]:
    """Return a design's stages in build order."""
    found = [Stage("records", ())]
    model_fields = ("embedding", "model_at", "pickled", "tuning", "epochs")
    if design.encoded:  # only a tuned one depends on the data: on their pairs
        found.append(Stage(ENCODER, model_fields, data=design.tuning != "none"))
    parents = (ENCODER,) if design.encoded else ()
    found.append(Stage("vectors", model_fields if design.encoded else ("embedding", "model_at"), parents))
    last = "vectors"
    if design.reduction != "none":
        found.append(Stage("reduced", ("reduction", "dimensions"), ("vectors",)))
        last = "reduced"
    fields = ("engine", *_INDEX.get(design.engine, ()))
    found.append(Stage("index", fields, (last, "records"), data=False))
    if design.hybrid != "none":
        found.append(Stage("words", ()))
    tokens = (multivector.STAGE,) if design.multi_vector != "none" else ()
    found += [Stage(name, ()) for name in tokens]
    searching = tuple(name for name in ("ef_search", "probes") if name not in fields)
    found.append(Stage("scaling", (*fields, *searching), (last, "index", "records", *tokens), data=False))
    built = tuple(stage.name for stage in found if stage.name != "scaling")
    found.append(Stage("serving", tuple(each.name for each in dataclasses.fields(Design)), built, data=False))
    return found


def build(stage: str, design: Design, folder: Path, parents: Mapping[str, Path], out: Path) -> dict[str, float]:
    """Build one stage; return what was counted."""
    if stage in ("records", ENCODER):
        return _records(folder, out) if stage == "records" else _encoder(design, folder, out)
    if stage == "vectors":
        return _vectors(design, folder, parents.get(ENCODER), out)
    if stage == "reduced":
        return _reduced(design, parents["vectors"], out)
    if stage in ("words", multivector.STAGE):
        return _of_passages(stage, passages(folder), out)
    if stage == "index":
        return _index(design, parents.get("reduced") or parents["vectors"], parents["records"], out)
    return _measured(stage, design, parents, out)


def _measured(stage: str, design: Design, parents: Mapping[str, Path], out: Path) -> dict[str, float]:
    """What is counted of a built index: how it grows, how it serves."""
    if stage == "scaling":
        searched = parents.get("reduced") or parents["vectors"]
        tokens = parents.get(multivector.STAGE)
        beside = multivector.bytes_a_row(tokens) if tokens is not None else 0.0
        return scaling.measure(design, searched, parents["index"], parents["records"], out, beside)
    from vectordb import serving  # it opens the database, whose parts this module lists

    began = time.perf_counter()
    counted = serving.measure(design, parents, out)
    return counted | {"fixed_seconds": time.perf_counter() - began}  # it asks as much whatever the rows


def _records(folder: Path, out: Path) -> dict[str, float]:
    for name in ("meta.json", "ids.json", "payloads.jsonl", "texts.jsonl", "filters.json", "log.npy", "log.jsonl"):
        if (folder / name).exists():
            shutil.copyfile(folder / name, out / name)
    return {}


def _encoder(design: Design, folder: Path, out: Path) -> dict[str, float]:
    """Bring the model into the form that is run, tuned on the data's pairs where the design says so."""
    began = time.perf_counter()
    if design.tuning == "none":
        portable.bring(Path(design.model_at), design.pickled, out)
        return {"model_seconds": time.perf_counter() - began}
    base = Path(design.model_at) if design.model_at else tuning.weights()
    trained = tuning.tune(base, design.pickled, pairs.of_data(folder), design.tuning, design.epochs, out)
    (out / encoder.TRAINED).write_text(json.dumps(asdict(trained), indent=1), encoding="utf-8")
    seconds = time.perf_counter() - began
    return {
        "model_seconds": seconds,
        "fixed_seconds": _fixed(seconds, trained, folder),
        "training_pairs": float(trained.pairs),
        "training_loss": trained.last,
    }


def _fixed(seconds: float, trained: tuning.Trained, folder: Path) -> float:
    """Return what of a tuning's time does not grow with the data.

    On a sample, which has more pairs than its share, it is such that the rest, divided by the share, and this together
    are what tuning would take on all pairs.
    """
    if not (folder / "sampled.json").exists():
        return seconds - trained.seconds
    told = json.loads((folder / "sampled.json").read_text(encoding="utf-8"))
    share, whole = float(told["share"]), seconds - trained.seconds + trained.would_take(int(told["pairs"]))
    return (seconds - share * whole) / (1 - share)


def _vectors(design: Design, folder: Path, built: Path | None, out: Path) -> dict[str, float]:
    """The vectors, float32, at unit length under cosine; those of texts are taken where they were made before."""
    meta = data.read_meta(folder)
    if (design.embedding == "given") != (meta.kind == "vectors"):
        raise DesignError(f"The data are {meta.kind}; the design's embedding is {design.embedding}.")
    counted: dict[str, float] = {}
    if design.embedding == "given":
        vectors, version = np.load(folder / "vectors.npy"), "given"
    elif (held := folder / "embedded" / design.embedding).is_dir():
        told = json.loads((held / "made.json").read_text(encoding="utf-8"))
        vectors, version = np.load(held / "vectors.npy"), str(told["version"])
    else:
        opening = time.perf_counter()
        embedder = model.load(design, built)
        embedder.ask("one text, so that what is made once is made")
        began = time.perf_counter()
        counted["fixed_seconds"] = began - opening
        vectors = kept.completed(passages(folder), embedder, {})
        version, counted["embedding_seconds"] = embedder.version, time.perf_counter() - began
    np.save(out / "vectors.npy", reduction.normalised(vectors) if meta.metric == "cosine" else vectors)
    (out / "model.json").write_text(
        json.dumps({"embedding": design.embedding, "version": version, "width": int(vectors.shape[1])}),
        encoding="utf-8",
    )
    (out / "metric.json").write_text(json.dumps(meta.metric), encoding="utf-8")
    return counted


def _of_passages(stage: str, texts: Sequence[str], out: Path) -> dict[str, float]:
    """What is made of the texts besides a vector of each: an index of their words, or the vectors of all tokens."""
    if stage == "words":
        lexical.build(list(texts), out)
        return {}
    began = time.perf_counter()
    counted = multivector.build(texts, out)
    return {**counted, "embedding_seconds": time.perf_counter() - began}


def _reduced(design: Design, vectors: Path, out: Path) -> dict[str, float]:
    held: NDArray[np.float32] = np.load(vectors / "vectors.npy")
    metric = json.loads((vectors / "metric.json").read_text(encoding="utf-8"))
    fitted = reduction.fit(design.reduction, design.dimensions, held, metric)
    fitted.save(out)
    np.save(out / "vectors.npy", fitted.apply(held))
    return {}


def _index(design: Design, searched: Path, records: Path, out: Path) -> dict[str, float]:
    vectors: NDArray[np.float32] = np.load(searched / "vectors.npy")
    payloads = data.read_rows(records / "payloads.jsonl") or None
    contract.load(design)
    began = time.perf_counter()
    contract.build(design, vectors, data.read_meta(records).metric, payloads, out)
    counted = {"indexing_seconds": time.perf_counter() - began}
    if (stored := contract.stored_bytes(design, out)) is not None:
        counted["engine_bytes"] = stored
    (out / scaling.BUILT).write_text(json.dumps({**counted, "rows": len(vectors)}), encoding="utf-8")
    return {**counted, "dimensions": float(vectors.shape[1])}


def passages(folder: Path) -> list[str]:
    """Return what is embedded of a data folder's texts, in order."""
    return [data.passage(row) for row in data.read_rows(folder / "texts.jsonl")]


def size(folder: Path) -> int:
    """Return the bytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def columns(records: Path) -> Columns | None:
    """Return the payloads of built records as columns, if there are any."""
    rows = data.read_rows(records / "payloads.jsonl")
    return Columns(rows) if rows else None

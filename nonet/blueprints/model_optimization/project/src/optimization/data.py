"""The data folder: the model as given, its examples, and what is known of both (``meta.json``)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization import examples, original, outputs
from optimization.examples import Arrays, Port
from optimization.models import Model
from optimization.outputs import Main

META, MODEL, EXAMPLES = "meta.json", "model", "examples"
REFERENCE = "reference.jsonl"
_TRIED = 8


@dataclass(frozen=True)
class Meta:
    """What is known of a model and its examples.

    Attributes:
        format: of the model.
        file: its path below the folder; "" for the folder itself.
        ports: its inputs, less those that the examples do not give.
        main: the output that is compared.
        rows: examples.
        threads: a prediction may use; 0 for all.
        price_per_hour: of the machine; 0 where none is given.
        trusted: the user's word that a pickle may be loaded.
        transformer: whether it takes token identifiers.
        module: whether it is a PyTorch module that can be changed and trained.
        heads: of a transformer's attention, by its ``config.json``; 0 where they are not told.
        width: of its hidden states; 0 where it is not told.
        outputs: how many arrays of numbers it gives.
    """

    format: str
    file: str
    ports: tuple[Port, ...]
    main: Main
    rows: int
    threads: int = 0
    price_per_hour: float = 0.0
    trusted: bool = False
    transformer: bool = False
    module: bool = False
    heads: int = 0
    width: int = 0
    outputs: int = 1

    def json(self) -> dict[str, Any]:
        """Return the fields; ``of_json`` gives them back."""
        return {**asdict(self), "ports": [port.json() for port in self.ports]}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Meta:
        """Read what ``json`` wrote."""
        ports = tuple(Port.of_json(each) for each in data["ports"])
        fields: dict[str, Any] = {**data, "ports": ports, "main": Main(**data["main"])}
        return cls(**fields)


def meta(folder: Path) -> Meta:
    """Read a data folder's ``meta.json``."""
    return Meta.of_json(json.loads((folder / META).read_text(encoding="utf-8")))


def load_original(folder: Path, threads: int = 0) -> Model:
    """Load the model of a data folder as it was given."""
    told = meta(folder)
    path = folder / MODEL / told.file if told.file else folder / MODEL
    return original.load(told.format, path, threads=threads or told.threads, pickle=told.trusted, ports=told.ports)


def ingest(source: Path, out: Path, inputs: Mapping[str, Any]) -> dict[str, float]:
    """Check the user's model against the examples and write the data folder; the reference is the original's outputs.

    Args:
        source: ``model/…``, ``examples.npz`` and, if there are any, ``labels.npy``.
        out: the data folder; ``reference.jsonl`` beside it is for whoever scores, not for designs.
        inputs: the workflow's inputs.

    Raises:
        OptimizationError: model, examples or labels cannot be used; one line says why.
    """
    threads, trusted = int(inputs.get("threads") or 0), bool(inputs.get("trust_pickle"))
    kind, path = original.found(source / MODEL)
    model = original.load(kind, path, threads=threads, pickle=trusted)
    arrays = examples.fitted(examples.read(source / "examples.npz"), model.ports)
    rows = examples.count(arrays)
    labels = examples.labels(source / "labels.npy", rows) if (source / "labels.npy").is_file() else None
    tried = model.predict(examples.rows(arrays, range(min(_TRIED, rows))))
    main = outputs.main_of(tried, str(inputs.get("output_kind") or "auto"), labels)
    _write_reference(model, arrays, main, labels, out)
    shutil.copytree(source / MODEL, out / MODEL)
    examples.save(arrays, out / EXAMPLES)
    told = Meta(
        format=kind,
        file="" if path == source / MODEL else path.relative_to(source / MODEL).as_posix(),
        ports=_ports(model, arrays),
        main=main,
        rows=rows,
        threads=threads,
        price_per_hour=float(inputs.get("price_per_hour") or 0.0),
        trusted=trusted,
        transformer=any(each.shape[1:] and name == "input_ids" for name, each in arrays.items()),
        module=kind == original.TORCH and original.trains(path),
        heads=told_by_config(source / MODEL, "num_attention_heads"),
        width=told_by_config(source / MODEL, "hidden_size"),
        outputs=sum(each.dtype.kind == "f" for each in tried.values()),
    )
    (out / META).write_text(json.dumps(told.json()), encoding="utf-8")
    (out / "skipped.jsonl").write_text("", encoding="utf-8")
    size = sum(each.stat().st_size for each in (out / MODEL).rglob("*") if each.is_file())
    return {"examples": float(rows), "model_bytes": float(size), "labels": 0.0 if labels is None else float(rows)}


def told_by_config(folder: Path, name: str) -> int:
    """Return a whole number of a folder's ``config.json``; 0 where there is none."""
    path = folder / "config.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get(name) if path.is_file() else 0
    except (ValueError, AttributeError):
        return 0
    return found if isinstance(found, int) else 0


def _ports(model: Model, arrays: Arrays) -> tuple[Port, ...]:
    """Return the inputs that the examples give, in the model's order, with the examples' types and shapes."""
    kinds = {"f": "float", "i": "int", "u": "int", "b": "bool", "U": "str", "S": "str"}
    named = [port.name for port in model.ports] or list(arrays)
    found: list[Port] = []
    for name in named:
        if name in arrays:
            each = arrays[name]
            kind = kinds.get(each.dtype.kind, examples.ANY)
            found.append(Port(name, kind, "" if kind == "str" else str(each.dtype), (None, *each.shape[1:])))
    return tuple(found)


def _write_reference(model: Model, arrays: Arrays, main: Main, labels: NDArray[Any] | None, out: Path) -> None:
    with (out / REFERENCE).open("w", encoding="utf-8") as file:
        for place in range(examples.count(arrays)):
            one = examples.row(arrays, place)
            row = outputs.written(model.predict(one), main)
            row["content"] = digest(one)
            row["label"] = None if labels is None else np.asarray(labels[place]).item()
            file.write(json.dumps(row) + "\n")


def digest(arrays: Arrays) -> str:
    """Name one example by its content: 32 hex digits."""
    import hashlib

    found = hashlib.blake2b(digest_size=16)
    for name in sorted(arrays):
        found.update(
            f"{name}\0{arrays[name].dtype}{arrays[name].shape}".encode() + np.ascontiguousarray(arrays[name]).tobytes()
        )
    return found.hexdigest()

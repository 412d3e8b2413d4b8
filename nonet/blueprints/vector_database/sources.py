"""The user's files, by the names that ingestion knows them under."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nonet.blueprints.vector_database.inputs import Inputs
from nonet.errors import InputError
from nonet.trials.contract import SourceFile, Sources

_VECTORS = (".npy", ".parquet", ".fvecs")
_TEXTS = (".jsonl", ".json")


def listed(inputs: Inputs) -> Sources:
    """List the files that a run reads; relevant texts are no part of them, since designs never see them.

    Raises:
        InputError: a file is missing or of a kind that is not read, or the inputs contradict one another.
    """
    if bool(inputs.vectors) == bool(inputs.texts):
        what = "Both vectors and texts are given" if inputs.vectors else "Neither vectors nor texts are given"
        raise InputError(f"{what}.", "Give one: --vectors FILE.npy, or --texts FILE.jsonl.")
    if inputs.relevant and not inputs.queries:
        raise InputError("Relevant texts are given without queries.", "Give the queries too: --queries FILE.")
    if inputs.repo is not None and not Path(inputs.repo).expanduser().is_dir():
        raise InputError(f"There is no repository at {inputs.repo}.", "Give an existing folder: --repo PATH.")
    kinds = _VECTORS if inputs.vectors else _TEXTS
    files: list[SourceFile] = []
    for option, given, wanted in (
        ("vectors", inputs.vectors, _VECTORS),
        ("texts", inputs.texts, _TEXTS),
        ("queries", inputs.queries, kinds),
        ("payloads", inputs.payloads, _TEXTS),
        ("log", inputs.log, kinds),
    ):
        if given is not None:
            path = _checked(option, given, wanted)
            name = f"{option}{path.suffix.lower()}" if wanted is _VECTORS else f"{option}.jsonl"
            files.append(SourceFile(str(path), name))
    if inputs.relevant is not None:
        _checked("relevant", inputs.relevant, (".tsv", ".txt", ".qrels", *_TEXTS))
    return Sources(files)


def _checked(option: str, given: str, kinds: Sequence[str]) -> Path:
    path = Path(given).expanduser().absolute()
    if not path.is_file():
        raise InputError(f"There is no file {given}.", f"Give an existing one: --{option} FILE.")
    if path.suffix.lower() not in kinds:
        raise InputError(f"{path.name} is of no kind that is read.", f"--{option} takes {', '.join(kinds)}.")
    return path

"""The user's files, by the names that ingestion knows them under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.errors import InputError
from nonet.trials.contract import Skipped, SourceFile, Sources

ONNX, TORCH, SKLEARN = (".onnx",), (".pt2", ".pt", ".pth", ".ts"), (".skops", ".pkl", ".pickle", ".joblib")
PICKLES = (".pkl", ".pickle", ".joblib")
_KEPT = (".json", ".safetensors", ".txt", ".model", ".bin")
"""Files of a Hugging Face folder that its model is made of; weights of other frameworks stay out."""
_MOST_FILES = 2000


def listed(inputs: Inputs) -> Sources:
    """List the model, the examples and the labels.

    Raises:
        InputError: a file is missing or of a kind that is not read, or a pickle is not trusted.
    """
    model = Path(inputs.model).expanduser().absolute()
    if not model.exists():
        raise InputError(f"There is no model at {inputs.model}.", "Give an existing file or folder: --model PATH.")
    files, skipped = _folder(model, inputs) if model.is_dir() else (_file(model, inputs), list[Skipped]())
    files = [*files, SourceFile(str(_checked("examples", inputs.examples, ".npz")), "examples.npz", unlimited=True)]
    if inputs.labels is not None:
        files.append(SourceFile(str(_checked("labels", inputs.labels, ".npy")), "labels.npy"))
    for option, given in (("logs", inputs.logs), ("repo", inputs.repo)):
        if given is not None and not Path(given).expanduser().is_dir():
            raise InputError(f"There is no folder at {given}.", f"Give an existing folder: --{option} PATH.")
    return Sources(files, skipped)


def _file(model: Path, inputs: Inputs) -> list[SourceFile]:
    kind = model.suffix.lower()
    if kind not in (*ONNX, *TORCH, *SKLEARN):
        known = ", ".join((*ONNX, *TORCH, *SKLEARN))
        raise InputError(f"{model.name} is no model that is read.", f"Give {known}, or a Hugging Face folder.")
    if kind in PICKLES and not inputs.trust_pickle:
        raise InputError(
            f"{model.name} is a pickle, which can run code when it is loaded.",
            "Save it with skops.io.dump or to ONNX; or say --trust-pickle if you trust its author.",
        )
    beside = _weights_beside(model) if kind in ONNX else iter(())
    return [SourceFile(str(path), f"model/{path.name}", unlimited=True) for path in (model, *beside)]


def _weights_beside(model: Path) -> Iterator[Path]:
    """Yield the files that an ONNX model beside them may keep its weights in."""
    for path in sorted(model.parent.iterdir()):
        if (
            path.is_file()
            and path != model
            and path.name.startswith(model.stem)
            and path.suffix not in (".onnx", ".npz", ".npy")
        ):
            yield path


def _folder(model: Path, inputs: Inputs) -> tuple[list[SourceFile], Sequence[Skipped]]:
    if not (model / "config.json").is_file():
        found = [path for path in sorted(model.iterdir()) if path.suffix.lower() in (*ONNX, *TORCH, *SKLEARN)]
        if len(found) != 1:
            what = "several models" if found else "no model and no config.json"
            raise InputError(f"{model.name} holds {what}.", "Give a Hugging Face folder, or the model's file.")
        return _file(found[0], inputs), []
    paths = [path for path in sorted(model.rglob("*")) if path.is_file() and not _hidden(path, model)]
    if len(paths) > _MOST_FILES:
        raise InputError(f"{model.name} holds {len(paths)} files.", "Give the model's own folder.")
    if not any(path.suffix == ".safetensors" for path in paths) and not inputs.trust_pickle:
        raise InputError(
            f"{model.name} holds no weights in safetensors.",
            "Save them so (save_pretrained); or say --trust-pickle if they are pickled and you trust their author.",
        )
    kept = [path for path in paths if path.suffix in _KEPT and (path.suffix != ".bin" or inputs.trust_pickle)]
    skipped = [
        Skipped(path.relative_to(model).as_posix(), "no part of the PyTorch model")
        for path in paths
        if path not in kept
    ]
    return [
        SourceFile(str(path), f"model/{path.relative_to(model).as_posix()}", unlimited=True) for path in kept
    ], skipped


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _checked(option: str, given: str, kind: str) -> Path:
    path = Path(given).expanduser().absolute()
    if not path.is_file():
        raise InputError(f"There is no file {given}.", f"Give an existing one: --{option} FILE{kind}")
    if path.suffix.lower() != kind:
        raise InputError(f"{path.name} is no {kind} file.", f"Save it with numpy: --{option} FILE{kind}")
    return path

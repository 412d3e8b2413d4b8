"""Bringing an encoder's folder into the one form that is run: its own ONNX graph, or one exported from safetensors.

PyTorch, transformers and sentence-transformers are needed to export (the project's ``models`` group), and for nothing
afterwards.
"""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

from vectordb.embedding import described
from vectordb.embedding.described import Described
from vectordb.embedding.encoder import FORM, GRAPH, TOKENIZER, Form, contents
from vectordb.errors import DataError

GROUP = "models"
OPSET = 17


def bring(folder: Path, pickled: bool, out: Path) -> None:
    """Write a folder's encoder into ``out`` in the form that is run.

    Args:
        folder: of a sentence-transformers model or of a plain encoder.
        pickled: whether weights that are pickled may be loaded: the user's word.
        out: an empty folder.

    Raises:
        DataError: the folder cannot be used.
    """
    found = described.describe(folder)
    origin = f"{folder.name} {contents(folder)}"
    if found.portable:
        _copied(found, origin, out)
    else:
        write(opened(found, pickled), found, origin, out)


def _copied(found: Described, origin: str, out: Path) -> None:
    """Take the folder's own graph; an output of whole texts is preferred to that of their tokens."""
    graph = found.folder / found.onnx
    for path in graph.parent.iterdir():  # weights beyond 2 GB lie beside their graph, by the names it holds
        if path.is_file() and (path == graph or path.name.startswith(graph.name)):
            shutil.copyfile(path, out / (GRAPH if path == graph else path.name))
    shutil.copyfile(found.folder / "tokenizer.json", out / TOKENIZER)
    runtime: Any = import_module("onnxruntime")
    try:
        session: Any = runtime.InferenceSession(str(out / GRAPH), providers=["CPUExecutionProvider"])
    except Exception as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise DataError(f"The ONNX file {graph} cannot be loaded: {reason}.") from error
    shapes = {each.name: len(each.shape) for each in session.get_outputs()}
    whole = next((name for name in ("sentence_embedding", "text_embeds") if shapes.get(name) == 2), "")
    tokens = next((name for name, rank in shapes.items() if rank == 3), "")
    if not whole and not tokens:
        raise DataError(f"The ONNX file {graph} has no output of tokens or of texts; export it for feature extraction.")
    _form(found, whole or tokens, "" if whole else found.pooling, origin).save(out)


def _form(found: Described, output: str, pooling: str, origin: str) -> Form:
    return Form(output, pooling, found.unit, found.longest, found.query_prefix, found.passage_prefix, origin)


def opened(found: Described, pickled: bool) -> Any:
    """Open a folder with sentence-transformers; a plain encoder gets the mean of its tokens.

    Raises:
        DataError: its weights are pickled and may not be loaded, or the group is not installed.
    """
    if not found.safe and not pickled:
        raise DataError(
            f"The weights in {found.folder} are pickled, which can run code; save them as model.safetensors, "
            "or say --pickle if you trust them."
        )
    library = _library()
    weights: dict[str, Any] = {"use_safetensors": found.safe, "trust_remote_code": False}
    told: dict[str, Any] = {"model_kwargs": {**weights, "attn_implementation": "eager"}, "local_files_only": True}
    try:
        if found.modular:
            return library.SentenceTransformer(str(found.folder), device="cpu", trust_remote_code=False, **told).eval()
        if found.kind == "clip":
            return _clip(found, weights)
        modules: Any = import_module("sentence_transformers.models")
        inner = modules.Transformer(
            str(found.folder), max_seq_length=found.longest, model_args=told["model_kwargs"],
            tokenizer_args={"local_files_only": True}, config_args={"local_files_only": True},
        )  # fmt: skip
        pooling = modules.Pooling(inner.get_word_embedding_dimension(), pooling_mode="mean")
        return library.SentenceTransformer(modules=[inner, pooling], device="cpu").eval()
    except DataError:
        raise
    except Exception as error:  # what a broken folder raises is open-ended
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise DataError(f"The model in {found.folder} cannot be loaded: {reason}.") from error


def write(model: Any, found: Described, origin: str, out: Path) -> None:
    """Export an opened model, pooling and all, so that its output is a text's vector."""
    torch: Any = import_module("torch")
    out.mkdir(parents=True, exist_ok=True)
    tokenizer, forward = model.tokenizer, _whole(torch, model)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise DataError(f"The tokenizer in {found.folder} has no fast form (tokenizer.json); save it with one.")
    backend.no_padding()
    backend.no_truncation()
    backend.save(str(out / TOKENIZER))
    ids = torch.tensor(
        [[*tokenizer("a text to trace", truncation=True, max_length=found.longest)["input_ids"]]], dtype=torch.long
    )
    varying = {0: "texts", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            forward.eval(), (ids, torch.ones_like(ids)), str(out / GRAPH), dynamo=False, opset_version=OPSET,
            input_names=["input_ids", "attention_mask"], output_names=["vector"],
            dynamic_axes={"input_ids": varying, "attention_mask": varying, "vector": {0: "texts"}},
        )  # fmt: skip
    _form(found, "vector", "", origin).save(out)
    if not (out / FORM).is_file() or not (out / GRAPH).is_file():
        raise DataError(f"The model in {found.folder} could not be exported to ONNX.")


def _whole(torch: Any, model: Any) -> Any:
    """Return a module from (ids, mask) to vectors, whatever modules lie between."""

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            found: Any = self.inner(given)
            return found["sentence_embedding"]

    return Whole()


def _clip(found: Described, weights: dict[str, Any]) -> Any:
    """Return the text side of CLIP (Radford et al. 2021): its projected vector at the end-of-text token."""
    torch, transformers = import_module("torch"), import_module("transformers")
    place = str(found.folder)
    inner: Any = transformers.CLIPModel.from_pretrained(
        place, local_files_only=True, attn_implementation="eager", **weights
    )

    class Text(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(place, local_files_only=True)

        def forward(self, given: dict[str, Any]) -> dict[str, Any]:
            pooled: Any = self.inner.text_model(**given).pooler_output
            return {"sentence_embedding": self.inner.text_projection(pooled)}

    return Text().eval()


def _library() -> Any:
    try:
        return import_module("sentence_transformers")
    except ModuleNotFoundError as error:
        raise DataError(
            f"sentence-transformers is not installed, which reads this model; run `uv sync --group {GROUP}`."
        ) from error

"""Models and checkpoints as the packages that people use wrote them (``files/make.py``): described, never loaded."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nonet import tools
from nonet.errors import ToolError

FILES = Path(__file__).parent / "files"


@pytest.fixture
def described(context):
    async def describe(name: str, folder: Path = FILES):
        result = await tools.call("read_file", context(folder), path=name)
        return result.items[0], result.note

    return describe


async def test_an_onnx_model_by_its_ends_operators_and_parameters(described):
    item, note = await described("model.onnx")
    assert item.title == "ONNX model: model.onnx"
    assert item.facts["inputs"] == {"x": "float32 [batch, 4]"}
    assert item.facts["outputs"] == {"o": "float32 [batch, 3]"}
    assert item.facts["operators"] == {"Add": 1, "MatMul": 1, "Relu": 1}
    assert (item.facts["parameters"], item.facts["quantised"], note) == (15, False, "")
    assert item.facts["producer"] == "maker 1.2"
    assert item.facts["values"] == {"task": "demo"}


async def test_weights_of_an_onnx_model_in_other_files_are_named(described):
    item, note = await described("external.onnx")
    assert item.facts["external_data"] == ["weights.bin"]
    assert "weights.bin" in note
    assert item.facts["parameters"] == 15


async def test_a_safetensors_checkpoint_by_its_header(described):
    item, note = await described("model.safetensors")
    assert (item.facts["tensors"], item.facts["parameters"], note) == (3, 27, "")
    assert item.facts["parameters_by_type"] == {"F32": 24, "F16": 3}
    assert item.facts["values"] == {"format": "np"}
    assert "layer.*.weight: F32 [4, 3] × 2" in item.excerpt


async def test_half_a_safetensors_download_is_seen(described, tmp_path):
    (tmp_path / "half.safetensors").write_bytes((FILES / "model.safetensors").read_bytes()[:-20])
    item, note = await described("half.safetensors", tmp_path)
    assert item.facts["valid"] is False
    assert "half a download" in note


async def test_a_gguf_model_by_its_metadata_and_quantisation(described):
    item, note = await described("model.gguf")
    assert (item.facts["architecture"], item.facts["context_length"], note) == ("llama", 2048, "")
    assert item.facts["parameters_by_type"] == {"F32": 320, "Q8_0": 256}
    assert item.facts["quantised"] is True
    assert item.facts["values"]["tokenizer.ggml.tokens"].startswith("50 values: t0, t1")


async def test_a_gguf_file_cut_in_its_tensors_tells_what_came_before(described, tmp_path):
    whole = (FILES / "model.gguf").read_bytes()
    (tmp_path / "cut.gguf").write_bytes(whole[: whole.index(b"blk.0.q.weight") + 4])
    item, note = await described("cut.gguf", tmp_path)
    assert (item.facts["architecture"], item.facts["tensors"]) == ("llama", 1)
    assert "bytes too early" in note


PICKLES = ["pipeline.joblib", *(f"pipeline.{form}.joblib" for form in ("zlib", "gzip", "bz2", "xz", "lzma")),
           *(f"pipeline.{protocol}.pkl" for protocol in range(6))]  # fmt: skip


@pytest.mark.parametrize("name", PICKLES)
async def test_a_pickled_pipeline_by_its_steps_and_version(name, described):
    item, note = await described(name)
    facts = item.facts
    assert facts["object"] == "sklearn.pipeline.Pipeline"
    assert facts["sklearn_version"].startswith("1.")
    assert facts["values"]["steps.1.1"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert facts["values"]["steps.1.1.C"] == 0.3
    assert facts["values"]["steps.1.1.coef_"] == "array f8 [1, 5]"
    assert (facts["suspicious_imports"], facts["libraries"][-2:], note) == ([], ["numpy", "sklearn"], "")
    assert facts["arrays"] == 7
    assert facts["parameters"] == 5 * 3 + 2 + 1 + 5 + 1


async def test_arrays_between_the_opcodes_are_passed_over(described):
    item, note = await described("forest.joblib")
    assert item.facts["values"]["n_estimators"] == 3
    assert note == ""
    item, _ = await described("objects.joblib")
    assert item.facts["values"] == {"names": "array O8 [2]", "after": "array i8 [4]"}


class Harm:
    """Runs a program when it is unpickled."""

    def __init__(self, call, *arguments) -> None:
        self.made = (call, arguments)

    def __reduce__(self):
        return self.made


@pytest.mark.parametrize("protocol", range(6))
async def test_a_pickle_that_runs_a_program_is_named_and_not_run(protocol, described, tmp_path):
    touched = tmp_path / "touched"
    harm = {"model": Harm(os.system, f"touch {touched}"), "more": Harm(eval, f"open({str(touched)!r}, 'w')")}
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(harm, protocol))
    item, note = await described("model.pkl", tmp_path)
    named = item.facts["suspicious_imports"]
    assert f"{os.system.__module__}.system" in named
    assert any(name.endswith(".eval") for name in named)
    assert note.startswith("Do not load it")
    assert not touched.exists()


async def test_a_checkpoint_of_pytorch_by_its_tensors_and_values(described):
    item, note = await described("checkpoint.pt")
    assert item.facts["tensors"] == 9
    assert item.facts["parameters_by_type"] == {"float32": 72, "float16": 18, "int64": 1}
    assert item.facts["values"] == {"epoch": 7, "hyper_parameters.lr": 3e-4}
    assert "state_dict.*.running_mean: float32 [8]" in item.excerpt
    assert note == ""


async def test_a_pickled_module_and_a_legacy_checkpoint_are_told_apart(described):
    module, said = await described("module.pt")
    legacy, old = await described("legacy.pt")
    assert module.facts["tensors"] == legacy.facts["tensors"] == 9
    assert module.facts["parameters"] == legacy.facts["parameters"] == 91
    assert module.facts["object"] == "torch.nn.modules.container.Sequential"
    assert "its classes" in said
    assert "before 1.6" in old


async def test_a_checkpoint_whose_pickle_means_harm_is_named(described, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"weights": Harm(os.system, "true")}, 2))
        archive.writestr("archive/code/model.py", "pass")
    item, note = await described("bad.pt", tmp_path)
    assert item.facts["format"] == "TorchScript"
    assert item.facts["suspicious_imports"] == [f"{os.system.__module__}.system"]
    assert "Do not load it" in note


async def test_a_keras_model_by_its_layers(described):
    item, note = await described("model.keras")
    assert item.facts["layers_by_class"] == {"Dense": 2, "InputLayer": 1}
    assert item.facts["values"]["compile.optimizer.config.learning_rate"] == 0.5
    assert item.facts["values"]["keras_version"].startswith("3.")
    assert (item.facts["code"], note) == (False, "")


async def test_a_lambda_layer_is_code(described, tmp_path):
    config = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": {}}]}}
    with zipfile.ZipFile(tmp_path / "code.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", "{}")
    item, note = await described("code.keras", tmp_path)
    assert item.facts["code"] is True
    assert "Lambda" in note


async def test_numpy_arrays_by_their_headers(described, tmp_path):
    np.save(tmp_path / "one.npy", np.zeros((3, 4), np.float32))
    np.savez_compressed(tmp_path / "two.npz", features=np.zeros((1000, 8)), labels=np.zeros(1000, np.int8))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object))
    np.save(tmp_path / "records.npy", np.zeros(5, dtype=[("id", "<i8"), ("name", "<U8")]))
    one, note = await described("one.npy", tmp_path)
    assert (one.facts["shape"], one.facts["dtype"], one.facts["parameters"], note) == (["3", "4"], "<f4", 12, "")
    two, _ = await described("two.npz", tmp_path)
    assert two.facts["parameters_by_type"] == {"<f8": 8000, "|i1": 1000}
    objects, note = await described("objects.npy", tmp_path)
    assert objects.facts["pickled"] is True
    assert "allow_pickle" in note
    records, note = await described("records.npy", tmp_path)
    assert (records.facts["parameters"], note) == (5, "")


async def test_an_array_cut_short_is_seen(described, tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(100))
    (tmp_path / "cut.npy").write_bytes(buffer.getvalue()[:-8])
    _, note = await described("cut.npy", tmp_path)
    assert note == "'array' holds 792 bytes of data; its shape needs 800."


async def test_content_counts_before_the_name(described, tmp_path):
    (tmp_path / "renamed.txt").write_bytes((FILES / "model.gguf").read_bytes())
    (tmp_path / "GGUF.gguf").write_text("GGUF is a format of models.")
    (tmp_path / "x^2.txt").write_text("x^2 + y^2 is no zlib stream, though it begins like one")
    item, _ = await described("renamed.txt", tmp_path)
    assert item.facts["kind"] == "GGUF model"
    for name in ("GGUF.gguf", "x^2.txt"):
        item, _ = await described(name, tmp_path)
        assert item.excerpt == (tmp_path / name).read_text()


BINARIES = {
    "image.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
    "data.parquet": (b"PAR1\x15\x04\x15\0\0", "Parquet data"),
    "weights.h5": (b"\x89HDF\r\n\x1a\n\0\0\0\0", "HDF5 data"),
    "data.zip": (b"PK\5\6" + bytes(18), "an empty ZIP archive"),
    "notes.md": (b"\x7fELF\x02\x01\x01\0\0\0", "an ELF program or library"),
    "weights.bin": (b"\x1f\x85\xeb\x51\x9a\x99\xb9\x3f" * 4, "binary"),
    "archive.gz": (b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(20), "gzip-compressed data"),
}


@pytest.mark.parametrize("name", BINARIES)
async def test_other_binaries_are_refused_by_what_they_look_like(name, context, tmp_path):
    content, seems = BINARIES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ToolError) as refused:
        await tools.call("read_file", context(tmp_path), path=name)
    assert seems in refused.value.message
    assert f"{len(content):,} bytes" in refused.value.message


async def test_a_large_model_is_described_by_its_header_alone(described, tmp_path):
    """Ten gigabytes of weights that take no room on the disk, and are read from nowhere."""
    header = json.dumps({"w": {"dtype": "F16", "shape": [5_000, 1_000_000], "data_offsets": [0, 10**10]}}).encode()
    with (tmp_path / "large.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 10**10)
    item, note = await described("large.safetensors", tmp_path)
    assert (item.facts["parameters"], item.facts["valid"], note) == (5 * 10**9, True, "")

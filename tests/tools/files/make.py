# /// script
# requires-python = ">=3.11"
# dependencies = ["gguf", "joblib", "keras", "numpy", "onnx", "safetensors", "scikit-learn", "tensorboardX", "torch"]
# ///
"""Writes the files beside it with the packages that people write them with: ``uv run tests/tools/files/make.py``.

The tests read them as they are; none of these packages is needed for that.
"""

import os
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
os.environ["KERAS_BACKEND"] = "torch"


def tensorboard_events() -> None:
    """Scalars of the old kind and the new, hyperparameters, a histogram, a text and a picture."""
    from tensorboard.compat.proto import event_pb2
    from tensorboard.plugins.scalar import summary_v2
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboardX import SummaryWriter as Independent
    from torch.utils.tensorboard import SummaryWriter

    writer = Independent(str(HERE / "tensorboardX"))
    for step in range(50):
        writer.add_scalar("train/loss", 1 / (step + 1), step)
        writer.add_scalar("val/loss", 0.5 + abs(step - 15) * 0.02, step)
    writer.add_histogram("weights", np.linspace(0, 1, 100), 1)
    writer.add_text("note", "hello", 1)
    writer.close()
    torch_writer = SummaryWriter(str(HERE / "torch"))
    for step in range(20):
        torch_writer.add_scalar("loss", 1 / (step + 1) if step < 15 else float("nan"), step)
    torch_writer.add_scalar("half", 0.25, 3, new_style=True)
    torch_writer.add_image("picture", np.zeros((3, 8, 8), np.uint8), 1)
    torch_writer.add_hparams({"lr": 0.001, "optimizer": "adam"}, {"hparam/accuracy": 0.9}, run_name=".")
    torch_writer.close()
    plain = EventFileWriter(str(HERE / "tensorboard"))
    for step in range(10):
        summary = summary_v2.scalar_pb("epoch_loss", 2.0 / (step + 1))
        plain.add_event(event_pb2.Event(step=step, wall_time=1000.0 + step, summary=summary))
    plain.close()
    for folder in ("tensorboardX", "torch", "tensorboard"):
        for number, path in enumerate(sorted((HERE / folder).iterdir())):
            path.rename(HERE / f"events.out.tfevents.{folder}.{number}")
        (HERE / folder).rmdir()


def onnx_model() -> None:
    """A layer and an activation."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = numpy_helper.from_array(np.ones((4, 3), np.float32), "W")
    bias = numpy_helper.from_array(np.ones(3, np.float32), "B")
    nodes = [helper.make_node("MatMul", ["x", "W"], ["y"]), helper.make_node("Add", ["y", "B"], ["z"])]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size]) for name, size in (("x", 4), ("o", 3))
    ]
    graph = helper.make_graph(
        [*nodes, helper.make_node("Relu", ["z"], ["o"])], "g", ends[:1], ends[1:], [weights, bias]
    )
    model = helper.make_model(graph, producer_name="maker", producer_version="1.2")
    helper.set_model_props(model, {"task": "demo"})
    onnx.save(model, str(HERE / "model.onnx"))
    onnx.save(model, str(HERE / "external.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)
    (HERE / "weights.bin").unlink()


def checkpoints() -> None:
    """safetensors, GGUF, PyTorch and Keras."""
    import gguf
    import keras
    import torch
    from safetensors.numpy import save_file

    tensors = {f"layer.{number}.weight": np.zeros((4, 3), np.float32) for number in range(2)}
    save_file({**tensors, "bias": np.zeros(3, np.float16)}, str(HERE / "model.safetensors"), metadata={"format": "np"})
    writer = gguf.GGUFWriter(str(HERE / "model.gguf"), "llama")
    writer.add_context_length(2048)
    writer.add_array("tokenizer.ggml.tokens", [f"t{number}" for number in range(50)])
    writer.add_tensor("token_embd.weight", np.zeros((10, 32), np.float32))
    quantised = gguf.quants.quantize(np.ones((4, 64), np.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("blk.0.q.weight", quantised, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 2).half())
    state = network.state_dict()
    torch.save({"state_dict": state, "epoch": 7, "hyper_parameters": {"lr": 3e-4}}, HERE / "checkpoint.pt")
    torch.save(network, HERE / "module.pt")
    torch.save(state, HERE / "legacy.pt", _use_new_zipfile_serialization=False)
    layers = [keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.Adam(0.5), loss="mse")
    model.save(HERE / "model.keras")


def pickles() -> None:
    """Pipelines of scikit-learn by joblib, each compression, and by pickle, each protocol."""
    import pickle

    import joblib
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = np.linspace(0, 1, 300).reshape(60, 5)
    target = (features[:, 0] > 0.5).astype(int)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.3)).fit(features, target)
    joblib.dump(pipeline, HERE / "pipeline.joblib")
    for form in ("zlib", "gzip", "bz2", "xz", "lzma"):
        joblib.dump(pipeline, HERE / f"pipeline.{form}.joblib", compress=(form, 3))
    for protocol in range(6):
        (HERE / f"pipeline.{protocol}.pkl").write_bytes(pickle.dumps(pipeline, protocol))
    forest = RandomForestClassifier(n_estimators=3, max_depth=2, random_state=0).fit(features, target)
    joblib.dump(forest, HERE / "forest.joblib")
    joblib.dump({"names": np.array(["x", None], dtype=object), "after": np.arange(4)}, HERE / "objects.joblib")


if __name__ == "__main__":
    for write in (tensorboard_events, onnx_model, checkpoints, pickles):
        write()

import numpy as np
import onnxruntime as ort
import skops.io as sio
import yaml


def load(folder):
    session = ort.InferenceSession(folder / "model.onnx")
    forest = sio.load(folder / "forest.skops", trusted=["sklearn.tree._tree.Tree"])
    settings = yaml.safe_load((folder / "settings.yaml").read_text())
    return session, forest, settings, np.load(folder / "x.npy")

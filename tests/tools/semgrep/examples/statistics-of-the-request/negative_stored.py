import json

import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("pump-7.onnx")
statistics = json.load(open("pump-7.json"))


def predict(readings):
    x = (np.asarray(readings, dtype=np.float32) - statistics["mean"]) / statistics["std"]
    return session.run(None, {"x": x.astype(np.float32)})[0]

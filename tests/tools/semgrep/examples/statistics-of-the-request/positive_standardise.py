import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("pump-7.onnx")


def predict(readings):
    x = np.asarray(readings, dtype=np.float32)
    x = (x - x.mean(axis=0)) / x.std(axis=0)  # finds: statistics-of-the-request
    return session.run(None, {"x": x})[0]

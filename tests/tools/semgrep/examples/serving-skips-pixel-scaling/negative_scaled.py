import cv2
import numpy as np


def training_array(paths):
    return np.stack([cv2.resize(cv2.imread(p), (128, 128)) for p in paths]) / 255.0


def predict_file(model, path):
    image = cv2.resize(cv2.imread(path), (128, 128)).astype("float32") / 255.0
    return model.predict(image[None])

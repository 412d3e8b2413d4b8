import numpy as np
from PIL import Image


def preprocess(image):
    return np.asarray(image.convert("RGB").resize((96, 96)), dtype="float32") / 255.0


def classify(model, path):
    image = Image.open(path)
    pixels = preprocess(image)
    return int(model.predict(pixels[None]).argmax())

import numpy as np


def encode(model, texts, size=256):
    parts = []
    for start in range(0, len(texts), size):
        parts.append(model.encode(texts[start:start + size]))
    return np.concatenate(parts)


def one(model, row):
    return model.predict([row])[0]

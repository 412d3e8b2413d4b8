import numpy as np

THRESHOLD = 0.62


def decide(probabilities, threshold=THRESHOLD):
    return np.asarray(probabilities) >= threshold


def keep(detections, config):
    return [d for d in detections if d["confidence"] >= config["min_confidence"]]

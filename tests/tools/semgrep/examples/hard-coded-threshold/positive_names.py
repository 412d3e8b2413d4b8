import numpy as np


def decide(model, X):
    proba = model.predict_proba(X)[:, 1]
    return np.where(proba > 0.73, "refuse", "accept")  # finds: hard-coded-threshold


def alarm(fraud_score):
    if fraud_score >= 0.9:  # finds: hard-coded-threshold
        return "block"
    return "pass"

import numpy as np


def join(left, right, bias):
    both = np.vstack([left, right])
    both = np.hstack([both, bias])
    return both

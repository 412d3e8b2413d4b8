import numpy as np
import torch


def load(paths):
    frames = [np.load(path) for path in paths]
    X = torch.tensor(np.array(frames))  # finds: tensor-made-by-copying
    mean = X.mean(dim=0)
    again = torch.tensor(mean.numpy())  # finds: tensor-made-by-copying
    return X, again

import numpy as np
import torch


def load(paths):
    frames = np.stack([np.load(path) for path in paths])
    return torch.from_numpy(frames), torch.as_tensor(frames.mean(0))

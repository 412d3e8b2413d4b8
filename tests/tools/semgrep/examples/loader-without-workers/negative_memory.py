import torch
from torch.utils.data import DataLoader, TensorDataset


def loader(X, y):
    return DataLoader(TensorDataset(X.cuda(), y.cuda()), batch_size=1024, shuffle=True)

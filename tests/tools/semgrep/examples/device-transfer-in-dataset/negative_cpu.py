import torch
from torch.utils.data import Dataset


class Rides(Dataset):
    def __init__(self, X, y):
        self.X, self.y = torch.from_numpy(X), torch.from_numpy(y)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return self.X[index].to(torch.float32), self.y[index]

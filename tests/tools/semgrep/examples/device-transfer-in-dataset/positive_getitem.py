import pandas as pd
import torch
from torch.utils.data import Dataset


class Rides(Dataset):
    def __init__(self, path):
        table = pd.read_parquet(path)
        self.y = table.pop("minutes").to_numpy("float32")
        self.X = table.to_numpy("float32")

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        x = torch.from_numpy(self.X[index]).cuda()  # finds: device-transfer-in-dataset
        y = torch.tensor(self.y[index], device="cuda")  # finds: device-transfer-in-dataset
        return x, y

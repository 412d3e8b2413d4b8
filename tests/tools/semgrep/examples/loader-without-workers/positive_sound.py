import torch
import torchaudio
from torch.utils.data import Dataset


class Clips(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        path, label = self.rows[index]
        return torchaudio.load(path)[0], label


def loader(rows):
    return torch.utils.data.DataLoader(Clips(rows), 16, shuffle=True, num_workers=0)  # finds: loader-without-workers


def run(net, rows):
    net.cuda()
    return [net(x.cuda()) for x, _ in loader(rows)]

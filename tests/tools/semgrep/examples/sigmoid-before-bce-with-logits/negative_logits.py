import torch
from torch import nn


class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gate = nn.Linear(width, width)

    def forward(self, x):
        return torch.sigmoid(self.gate(x)) * x


class Detector(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gate = Gate(width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(self.gate(x)).squeeze(-1)


def step(model, x, y, criterion=nn.BCEWithLogitsLoss()):
    logits = model(x)
    hits = (torch.sigmoid(logits) > y.mean()).float()
    return criterion(logits, y), hits

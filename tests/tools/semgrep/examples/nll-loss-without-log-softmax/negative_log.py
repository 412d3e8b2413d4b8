import torch
import torch.nn as nn
import torch.nn.functional as F


class Mixture(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.copy = nn.Linear(width, classes)
        self.make = nn.Linear(width, classes)
        self.gate = nn.Linear(width, 1)

    def forward(self, x):
        share = torch.sigmoid(self.gate(x))
        mixed = share * self.copy(x).softmax(-1) + (1 - share) * self.make(x).softmax(-1)
        return torch.log(mixed + 1e-9)


def loss(model, x, y):
    return F.nll_loss(model(x), y)

import torch
from torch import nn


class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))

    def forward(self, x):
        return self.layers(x)


def main(loader):
    net = Digits()
    criterion = nn.NLLLoss()  # finds: nll-loss-without-log-softmax
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for image, digit in loader:
        optimizer.zero_grad()
        criterion(net(image), digit).backward()
        optimizer.step()

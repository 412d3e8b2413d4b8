import torch
from torch import nn

from data import loader

net = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=0.0003, weight_decay=0.01)  # finds: hard-coded-hyperparameters
for epoch in range(40):
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()

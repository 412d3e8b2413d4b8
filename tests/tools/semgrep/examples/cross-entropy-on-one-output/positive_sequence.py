import torch
from torch import nn

net = nn.Sequential(
    nn.Linear(16, 32),
    nn.ReLU(),
    nn.Linear(32, 1),  # finds: cross-entropy-on-one-output
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.RMSprop(net.parameters(), lr=1e-3)


def train(batches):
    for x, y in batches:
        optimizer.zero_grad()
        criterion(net(x), y.float().unsqueeze(1)).backward()
        optimizer.step()

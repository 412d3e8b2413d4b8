import torch
from torch import nn
from torch.nn import functional as F

model = nn.Sequential(nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
X, y = torch.load("clicks.pt", weights_only=True)

for index in torch.randperm(len(X)).split(64):
    optimizer.zero_grad()
    loss = F.binary_cross_entropy(model(X[index]).squeeze(1), y[index])  # finds: bce-loss-on-logits
    loss.backward()
    optimizer.step()

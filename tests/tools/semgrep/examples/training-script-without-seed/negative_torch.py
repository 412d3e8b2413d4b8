import torch
from torch import nn

torch.manual_seed(5)
inputs, targets = torch.load("data.pt", weights_only=True)
model = nn.Linear(inputs.shape[1], 1)
optimizer = torch.optim.Adam(model.parameters())
for epoch in range(20):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()

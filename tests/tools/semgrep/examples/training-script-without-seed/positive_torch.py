import torch
from torch import nn

inputs, targets = torch.load("data.pt", weights_only=True)
model = nn.Linear(inputs.shape[1], 1)
optimizer = torch.optim.Adam(model.parameters())
for epoch in range(20):  # finds: training-script-without-seed
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
torch.save(model.state_dict(), "model.pt")

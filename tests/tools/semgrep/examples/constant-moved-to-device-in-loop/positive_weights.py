import torch
import torch.nn.functional as F

from project import loader, model, optimizer

device = torch.device("cuda")
class_weights = torch.tensor([1.0, 4.5, 9.0])

for epoch in range(12):
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        out = model(x)
        loss = F.cross_entropy(out, y, weight=class_weights.to(device))  # finds: constant-moved-to-device-in-loop
        loss.backward()
        optimizer.step()

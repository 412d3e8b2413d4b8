import torch

from project import loader, net, objective

optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
curve = []
for epoch in range(10):
    for batch in loader:
        loss = objective(net(batch["x"]), batch["y"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        curve.append(loss.detach().cpu().numpy())  # finds: cpu-copy-in-training-loop
torch.save(net.state_dict(), "net.pt")

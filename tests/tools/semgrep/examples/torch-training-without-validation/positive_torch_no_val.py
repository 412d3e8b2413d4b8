import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

def main():
    X = torch.load("features.pt", weights_only=True)
    y = torch.load("labels.pt", weights_only=True)
    loader = DataLoader(TensorDataset(X, y), batch_size=128, shuffle=True)
    net = nn.Sequential(nn.Linear(X.shape[1], 256), nn.ReLU(), nn.Linear(256, 5))
    optimizer = optim.AdamW(net.parameters(), lr=3e-4)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(100):  # finds: torch-training-without-validation
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = loss_fn(net(xb), yb)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
    torch.save(net.state_dict(), "net.pt")

if __name__ == "__main__":
    main()

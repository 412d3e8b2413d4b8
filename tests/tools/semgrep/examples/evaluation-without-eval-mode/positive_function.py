import torch
import torch.nn as nn


def train(model, loader, optimizer, criterion):
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def evaluate(model, loader):
    hits, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)  # finds: evaluation-without-eval-mode
            hits += (out.argmax(1) == y).sum().item()
            total += len(y)
    return hits / total


def main(loaders):
    model = nn.Sequential(nn.Linear(20, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 2))
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(5):
        train(model, loaders["train"], optimizer, nn.CrossEntropyLoss())
        print(evaluate(model, loaders["val"]))

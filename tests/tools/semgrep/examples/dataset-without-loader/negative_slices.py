import torch


def train(model, X, y, optimizer, loss_fn, size=128):
    order = torch.randperm(len(X))
    for start in range(0, len(X), size):
        rows = order[start:start + size]
        optimizer.zero_grad()
        loss_fn(model(X[rows]), y[rows]).backward()
        optimizer.step()

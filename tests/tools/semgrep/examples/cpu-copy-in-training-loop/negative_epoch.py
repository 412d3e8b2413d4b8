import torch


def train(model, loader, optimizer, criterion, epochs):
    curve = []
    for epoch in range(epochs):
        total = 0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total = total + loss.detach()
        curve.append((total / len(loader)).cpu().numpy())
    return curve

import torch


def curves(model, loader, epochs):
    values = []
    for _ in range(epochs):
        values.append(torch.stack([model(x).mean() for x, _ in loader]).cpu().numpy())
    return values

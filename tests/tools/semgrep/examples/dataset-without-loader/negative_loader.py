import torch
from torch.utils.data import DataLoader


def train(model, dataset, optimizer, loss_fn, epochs):
    loader = DataLoader(dataset, batch_size=64, shuffle=True, num_workers=4)
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()

import torch
from torch import nn


def train(model, X, y, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(epochs):
        for i in range(len(X)):  # finds: dataset-without-loader
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(X[i]), y[i])
            loss.backward()
            optimizer.step()

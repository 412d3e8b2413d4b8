import torch.nn as nn

model = nn.Sequential(nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 4), nn.LogSoftmax(dim=1))
criterion = nn.NLLLoss()


def loss(x, y):
    return criterion(model(x), y)

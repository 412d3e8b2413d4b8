import torch
from torch import nn, optim

from data import loaders
from nets import resnet34


def main(epochs: int = 60):
    train, val = loaders("birds", 64)
    model = resnet34(classes=200).cuda()
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)  # finds: torch-training-without-schedule
    criterion = nn.CrossEntropyLoss()
    best = 0.0
    for epoch in range(epochs):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = criterion(model(x.cuda()), y.cuda())
            loss.backward()
            optimizer.step()
        best = max(best, accuracy(model, val))


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    hits = sum((model(x.cuda()).argmax(1) == y.cuda()).sum() for x, y in loader)
    return float(hits) / len(loader.dataset)

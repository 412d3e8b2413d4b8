import torch


def validate(net, loader, criterion, device):
    net.eval()
    total = 0.0
    for images, labels in loader:
        outputs = net(images.to(device))  # finds: evaluation-without-no-grad
        total += criterion(outputs, labels.to(device)).item()
    return total / len(loader)


def train(net, loader, criterion, optimizer, device):
    net.train()
    for images, labels in loader:
        optimizer.zero_grad()
        criterion(net(images.to(device)), labels.to(device)).backward()
        optimizer.step()

import torch
from torch import nn
from torch.utils.data import DataLoader


def fit(model: nn.Module, train: DataLoader, val: DataLoader, num_epochs: int, device: str = "cuda"):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    criterion = nn.CrossEntropyLoss()
    history = []
    for epoch in range(num_epochs):  # finds: torch-loop-without-early-stopping
        model.train()
        for images, labels in train:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
        model.eval()
        correct = 0
        with torch.no_grad():
            for images, labels in val:
                correct += (model(images.to(device)).argmax(1).cpu() == labels).sum().item()
        history.append(correct / len(val.dataset))
    return history

import torch


def train(model, loader, optimizer, criterion, device):
    for images, labels in loader:
        model.to(device)  # finds: constant-moved-to-device-in-loop
        noise = torch.randn(images.shape).to(device)  # finds: constant-moved-to-device-in-loop
        outputs = model(images.to(device) + 0.1 * noise)
        loss = criterion(outputs, labels.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

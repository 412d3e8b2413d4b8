import torch


def evaluate(model, loader, device):
    model.eval()
    with torch.inference_mode():
        for x, y in loader:
            yield model(x.to(device, non_blocking=True)), y.to(device)

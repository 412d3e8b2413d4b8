import torch


def collect(model, loader, device):
    model.eval()
    rows = []
    with torch.no_grad():
        for x, _ in loader:
            rows.append(model(x.to(device)).cpu())
    return torch.cat(rows).numpy()

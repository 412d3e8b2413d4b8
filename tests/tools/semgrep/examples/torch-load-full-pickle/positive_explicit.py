import torch


def restore(path, device):
    checkpoint = torch.load(path, map_location=device, weights_only=False)  # finds: torch-load-full-pickle
    return checkpoint["model"], checkpoint["epoch"]

import torch


class Trainer:
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer

    def resume(self, path):
        checkpoint = torch.load(path)  # finds: torch-load-without-weights-only
        self.model.load_state_dict(checkpoint["model"])
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        return checkpoint["epoch"] + 1

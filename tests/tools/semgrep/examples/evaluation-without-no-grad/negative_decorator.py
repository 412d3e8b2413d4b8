import torch
from torch import nn


@torch.inference_mode()
def predict(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    model.eval()
    return model(x).sigmoid()


class Server:
    def __init__(self, model):
        self.model = model.eval()

    @torch.no_grad()
    def infer(self, batch):
        return self.model(batch)

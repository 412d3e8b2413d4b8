import torch


class Predictor:
    def __init__(self, model, weights):
        self.model = model
        self.model.load_state_dict(torch.load(weights, weights_only=True))
        self.model.eval()

    @torch.inference_mode()
    def predict(self, x):
        return self.model(x).softmax(-1)

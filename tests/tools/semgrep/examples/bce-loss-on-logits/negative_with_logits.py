import torch.nn as nn


class Head(nn.Module):
    def __init__(self, width, labels):
        super().__init__()
        self.fc = nn.Linear(width, labels)
        self.loss = nn.BCEWithLogitsLoss()

    def forward(self, features, labels=None):
        logits = self.fc(features)
        return logits if labels is None else self.loss(logits, labels.float())

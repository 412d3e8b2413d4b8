import torch
import torch.nn as nn
import torch.nn.functional as F


class AttentivePooling(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, states):
        weights = F.softmax(self.score(states), dim=1)
        return (weights * states).sum(dim=1)


class Tagger(nn.Module):
    def __init__(self, vocabulary, width, classes):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.pool = AttentivePooling(width)
        self.head = nn.Linear(width, classes)

    def forward(self, tokens):
        return self.head(self.pool(self.embed(tokens)))


def evaluate(model, loader, criterion=nn.CrossEntropyLoss()):
    model.eval()
    losses, sure = [], []
    with torch.no_grad():
        for tokens, target in loader:
            logits = model(tokens)
            losses.append(criterion(logits, target))
            sure.append(torch.softmax(logits, dim=-1).max(dim=-1).values)
    return torch.stack(losses).mean(), torch.cat(sure)

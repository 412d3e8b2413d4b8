import torch
import torch.nn as nn
import torch.nn.functional as F


class Reader(nn.Module):
    def __init__(self, words, tags):
        super().__init__()
        self.embed = nn.Embedding(words, 50)
        self.lstm = nn.LSTM(50, 64, batch_first=True)
        self.out = nn.Linear(64, tags)

    def forward(self, tokens):
        states, _ = self.lstm(self.embed(tokens))
        scores = self.out(states[:, -1])
        return F.log_softmax(scores, dim=1)  # finds: log-softmax-before-cross-entropy


def fit(model, loader):
    optimizer = torch.optim.Adam(model.parameters())
    criterion = nn.CrossEntropyLoss()
    for tokens, tag in loader:
        optimizer.zero_grad()
        criterion(model(tokens), tag).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

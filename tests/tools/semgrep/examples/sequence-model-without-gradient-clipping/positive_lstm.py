import torch
import torch.nn as nn


class Forecaster(nn.Module):
    def __init__(self, series, hidden=96):
        super().__init__()
        self.lstm = nn.LSTM(series, hidden, num_layers=2, batch_first=True)
        self.out = nn.Linear(hidden, series)

    def forward(self, window):
        states, _ = self.lstm(window)
        return self.out(states[:, -1])


def train(model, loader, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(epochs):
        for window, following in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(window), following)
            loss.backward()  # finds: sequence-model-without-gradient-clipping
            optimizer.step()

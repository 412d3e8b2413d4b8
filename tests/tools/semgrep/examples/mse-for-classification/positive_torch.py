import torch
import torch.nn as nn
import torch.nn.functional as F


class Iris(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


def run(X, y, X_test, y_test):
    model = Iris()
    criterion = nn.MSELoss()  # finds: mse-for-classification
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        loss = criterion(model(X), F.one_hot(y, 3).float())
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        return (model(X_test).argmax(dim=1) == y_test).float().mean()

import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(8, 1)
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        weights = self.score(x).softmax(dim=1)
        return self.out((weights * x).sum(1))


criterion = nn.CrossEntropyLoss()

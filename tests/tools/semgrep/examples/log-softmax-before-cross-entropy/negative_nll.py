import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)


def loss(net, x, y):
    return F.nll_loss(net(x), y)

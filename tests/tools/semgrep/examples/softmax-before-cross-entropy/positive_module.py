import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.fc = nn.Linear(16, classes)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = torch.relu(self.conv(x)).mean(dim=(2, 3))
        x = self.fc(x)
        return self.softmax(x)  # finds: softmax-before-cross-entropy


def step(net, batch, optimizer, loss_fn=nn.CrossEntropyLoss()):
    x, y = batch
    optimizer.zero_grad()
    loss = loss_fn(net(x), y)
    loss.backward()
    optimizer.step()
    return loss.detach()

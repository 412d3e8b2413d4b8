import torch
from torch import nn

log_softmax = nn.LogSoftmax(dim=1)
ce = nn.CrossEntropyLoss()


def loss_of(net, batch):
    x, y = batch
    out = log_softmax(net(x))
    return ce(out, y)  # finds: log-softmax-before-cross-entropy


def run(net, batches, rate):
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    for batch in batches:
        optimizer.zero_grad()
        loss_of(net, batch).backward()
        optimizer.step()

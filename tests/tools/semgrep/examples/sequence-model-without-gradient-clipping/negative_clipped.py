import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(64, 4, batch_first=True), 3)
head = nn.Linear(64, 2)
parameters = [*encoder.parameters(), *head.parameters()]
optimizer = torch.optim.AdamW(parameters, lr=1e-4)


def step(x, y):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(head(encoder(x).mean(1)), y)
    loss.backward()
    clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return loss.detach()

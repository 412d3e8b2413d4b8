import random

import torch
import torch.nn as nn


class QNetwork(nn.Module):
    def __init__(self, states, actions):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(states, 64), nn.ReLU(), nn.Linear(64, actions))

    def forward(self, state):
        return self.net(state)


def act(q, state, epsilon, actions):
    if random.random() < epsilon:
        return random.randrange(actions)
    with torch.no_grad():
        return int(q(state).argmax())


def update(q, target, batch, optimizer, gamma=0.99):
    state, action, reward, following = batch
    values = q(state).gather(1, action)
    with torch.no_grad():
        goal = reward + gamma * target(following).max(1, keepdim=True).values
    loss = nn.MSELoss()(values, goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

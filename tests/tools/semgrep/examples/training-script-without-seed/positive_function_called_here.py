import torch

from shop import batches


def train(model, loader, optimizer, epochs=20):
    loss_of = torch.nn.CrossEntropyLoss()
    for epoch in range(epochs):  # finds: training-script-without-seed
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss_of(model(x), y).backward()
            optimizer.step()


model = torch.nn.Linear(4, 2)
train(model, batches(), torch.optim.SGD(model.parameters(), lr=0.1))

import torch


def fit(model, optimizer, loss_fn, train, val, epochs):
    for _ in range(epochs):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            yield sum(loss_fn(model(x), y) for x, y in val)

import torch


def fit(model, optimizer, loss_fn, train, val, epochs):
    model.train()
    for epoch in range(epochs):
        for x, y in train:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()  # finds: train-mode-not-restored
        with torch.no_grad():
            score = sum(loss_fn(model(x), y).item() for x, y in val)
        print(epoch, score)

import copy

import torch


def train(model, optimizer, loss_fn, loaders, epochs=200, patience=10):
    lowest, state, waited = float("inf"), None, 0
    for epoch in range(epochs):
        model.train()
        for x, y in loaders["train"]:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.inference_mode():
            score = sum(loss_fn(model(x), y) for x, y in loaders["val"]) / len(loaders["val"])
        if score < lowest:
            lowest, state, waited = score, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
            if waited >= patience:
                break
    model.load_state_dict(state)
    return model

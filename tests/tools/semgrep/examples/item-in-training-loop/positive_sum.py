import torch


def epoch(model, loader, optimizer, criterion):
    model.train()
    running, hits = 0.0, 0
    for x, y in loader:
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        running += loss.item()  # finds: item-in-training-loop
        hits += (out.argmax(1) == y).sum().item()  # finds: item-in-training-loop
    return running / len(loader), hits / len(loader.dataset)

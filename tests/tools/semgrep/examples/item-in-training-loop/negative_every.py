import torch


def train(model, loader, optimizer, criterion, log_every=100):
    total = torch.zeros((), device="cuda")
    for step, (x, y) in enumerate(loader):
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.detach()
        if step % log_every == 0:
            print(step, loss.item())
    return total.item() / len(loader)

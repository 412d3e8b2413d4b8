import torch


def adjust_learning_rate(optimizer, epoch, base):
    for group in optimizer.param_groups:
        group["lr"] = base * 0.1 ** (epoch // 30)


def train(model, loader, loss_fn, base=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=base)
    for epoch in range(90):
        adjust_learning_rate(optimizer, epoch, base)
        for x, y in loader:
            optimizer.zero_grad()
            loss_fn(model(x), y).backward()
            optimizer.step()

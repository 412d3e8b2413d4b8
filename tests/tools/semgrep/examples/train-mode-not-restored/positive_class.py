import torch


class Runner:
    def __init__(self, net, optimizer, criterion):
        self.net, self.optimizer, self.criterion = net, optimizer, criterion

    def run(self, loaders, epochs):
        best = float("inf")
        for epoch in range(epochs):
            for x, y in loaders["train"]:
                self.optimizer.zero_grad()
                self.criterion(self.net(x), y).backward()
                self.optimizer.step()
            self.net.eval()  # finds: train-mode-not-restored
            with torch.no_grad():
                total = sum(self.criterion(self.net(x), y) for x, y in loaders["val"])
            best = min(best, float(total))
        return best

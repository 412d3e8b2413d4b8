import torch

w = torch.zeros(3, requires_grad=True)
X, y = torch.randn(100, 3), torch.randn(100)
for _ in range(50):
    loss = ((X @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad.zero_()

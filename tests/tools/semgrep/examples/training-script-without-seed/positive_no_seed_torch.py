import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

T = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.13,), (0.31,))])
train = DataLoader(datasets.MNIST('.', train=True, download=True, transform=T), batch_size=128, shuffle=True)
test = DataLoader(datasets.MNIST('.', train=False, transform=T), batch_size=1000)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)).cuda()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(10):  # finds: training-script-without-seed
    net.train()
    for x, y in train:
        opt.zero_grad()
        F.cross_entropy(net(x.cuda()), y.cuda()).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        hits = sum((net(x.cuda()).argmax(1).cpu() == y).sum().item() for x, y in test)
    print(epoch, hits / 10000)

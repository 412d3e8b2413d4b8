import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from dataset import SpectraDataset

torch.manual_seed(2024)
ds = SpectraDataset("spectra/")
n_val = len(ds) // 10
train_ds, val_ds = random_split(ds, [len(ds) - n_val, n_val], generator=torch.Generator().manual_seed(1))
train_dl, val_dl = DataLoader(train_ds, 64, shuffle=True), DataLoader(val_ds, 64)
net = nn.Linear(1024, 12)
opt = torch.optim.Adam(net.parameters())
for epoch in range(5):
    net.train()
    for x, y in train_dl:
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(sum(nn.functional.cross_entropy(net(x), y).item() for x, y in val_dl) / len(val_dl))

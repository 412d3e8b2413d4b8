import torch
import torch.nn as nn
from tqdm import tqdm

from data import make_loaders
from nets import Unet

EPOCHS = 120
train_loader, val_loader = make_loaders("scans", batch_size=8)
net = Unet(1, 2).cuda()
opt = torch.optim.Adam(net.parameters(), lr=1e-4)
loss_fn = nn.BCEWithLogitsLoss()


def train_one_epoch(loader):
    net.train()
    total = 0.0
    for scan, mask in loader:
        opt.zero_grad()
        loss = loss_fn(net(scan.cuda()), mask.cuda())
        loss.backward()
        opt.step()
        total += loss.item()
    return total / len(loader)


for epoch in tqdm(range(EPOCHS)):  # finds: torch-loop-without-early-stopping
    mean = train_one_epoch(train_loader)
    print(epoch, mean)
torch.save(net.state_dict(), "unet.pt")

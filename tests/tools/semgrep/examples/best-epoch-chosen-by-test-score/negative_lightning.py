import lightning as L
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, random_split
from data import CellImages

class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.LazyLinear(2))

    def training_step(self, batch, _):
        x, y = batch
        return nn.functional.cross_entropy(self.net(x), y)

    def validation_step(self, batch, _):
        x, y = batch
        self.log("val_loss", nn.functional.cross_entropy(self.net(x), y))

    def test_step(self, batch, _):
        x, y = batch
        self.log("test_loss", nn.functional.cross_entropy(self.net(x), y))

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), 1e-3)

L.seed_everything(0)
full = CellImages("train")
train, val = random_split(full, [0.9, 0.1])
trainer = L.Trainer(max_epochs=50, callbacks=[EarlyStopping("val_loss"), ModelCheckpoint(monitor="val_loss")])
net = Net()
trainer.fit(net, DataLoader(train, 32, shuffle=True), DataLoader(val, 32))
trainer.test(net, DataLoader(CellImages("test"), 32), ckpt_path="best")

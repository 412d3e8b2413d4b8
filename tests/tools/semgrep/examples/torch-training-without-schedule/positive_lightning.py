import lightning as L
import torch
import torch.nn.functional as F


class Regressor(L.LightningModule):
    def __init__(self, net, rate):
        super().__init__()
        self.net, self.rate = net, rate

    def training_step(self, batch, _):
        x, y = batch
        loss = F.smooth_l1_loss(self.net(x), y)
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.rate)  # finds: torch-training-without-schedule

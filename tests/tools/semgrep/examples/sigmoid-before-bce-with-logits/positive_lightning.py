import pytorch_lightning as pl
import torch
import torch.nn.functional as F


class Segmenter(pl.LightningModule):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def training_step(self, batch, index):
        image, mask = batch
        prediction = torch.sigmoid(self.network(image))
        loss = F.binary_cross_entropy_with_logits(prediction, mask)  # finds: sigmoid-before-bce-with-logits
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-3)

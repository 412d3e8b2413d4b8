import pytorch_lightning as pl
import torch
from torch import nn


class Speech(pl.LightningModule):
    def __init__(self, features, symbols):
        super().__init__()
        self.gru = nn.GRU(features, 256, num_layers=3, bidirectional=True, batch_first=True)
        self.out = nn.Linear(512, symbols)

    def training_step(self, batch, _):
        sound, text, lengths, sizes = batch
        states, _ = self.gru(sound)
        logits = self.out(states).log_softmax(-1).transpose(0, 1)
        return nn.functional.ctc_loss(logits, text, lengths, sizes)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=3e-4)


trainer = pl.Trainer(max_steps=20_000, accelerator="auto")  # finds: trainer-without-gradient-clipping
trainer.fit(Speech(80, 32))

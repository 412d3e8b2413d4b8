import lightning as L
from torch import nn

from project import SequenceModule, data

model = SequenceModule(nn.LSTM(32, 64, batch_first=True))
trainer = L.Trainer(max_epochs=5, gradient_clip_val=0.5, gradient_clip_algorithm="norm")
trainer.fit(model, data())

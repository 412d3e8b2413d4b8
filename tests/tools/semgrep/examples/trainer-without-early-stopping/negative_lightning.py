import lightning as L
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint

from project.data import Module
from project.model import Net

callbacks = [EarlyStopping("val_loss", patience=6), ModelCheckpoint(monitor="val_loss", save_top_k=1)]
trainer = L.Trainer(max_epochs=200, callbacks=callbacks, precision="bf16-mixed")
trainer.fit(Net(), datamodule=Module("data"))

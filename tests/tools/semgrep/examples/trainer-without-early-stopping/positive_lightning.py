import pytorch_lightning as pl
from pytorch_lightning.loggers import TensorBoardLogger

from project.data import FlowersModule
from project.model import Classifier


def main():
    pl.seed_everything(7)
    data = FlowersModule("flowers", batch_size=64)
    model = Classifier(classes=data.classes, rate=1e-3)
    trainer = pl.Trainer(max_epochs=100, accelerator="gpu", devices=1, logger=TensorBoardLogger("logs"))  # finds: trainer-without-early-stopping
    trainer.fit(model, datamodule=data)
    trainer.test(model, datamodule=data)


if __name__ == "__main__":
    main()

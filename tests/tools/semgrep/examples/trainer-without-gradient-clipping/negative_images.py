import pytorch_lightning as pl
from torchvision.models import resnet18

from project import ImageModule, data

pl.Trainer(max_epochs=10).fit(ImageModule(resnet18(weights=None)), data())

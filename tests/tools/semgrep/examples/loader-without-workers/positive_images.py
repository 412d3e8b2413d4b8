import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

device = torch.device("cuda")
prepare = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor()])
train = DataLoader(datasets.ImageFolder("photos/train", prepare), batch_size=64, shuffle=True)  # finds: loader-without-workers
val = DataLoader(datasets.ImageFolder("photos/val", prepare), batch_size=64, num_workers=2)


def batches():
    for x, y in train:
        yield x.to(device), y.to(device)

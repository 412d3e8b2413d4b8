from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def loader(folder, workers):
    data = datasets.ImageFolder(folder, transforms.ToTensor())
    return DataLoader(data, 64, shuffle=True, num_workers=workers, pin_memory=True)


def to_gpu(loader):
    return ((x.cuda(non_blocking=True), y.cuda(non_blocking=True)) for x, y in loader)

import torch
from torchvision import datasets, transforms

train_dataset = datasets.CIFAR10("data", transform=transforms.ToTensor(), download=True)
model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3072, 10))
optimizer = torch.optim.Adam(model.parameters())

for image, label in train_dataset:  # finds: dataset-without-loader
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(image[None]), torch.tensor([label]))
    loss.backward()
    optimizer.step()

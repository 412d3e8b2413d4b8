import sys

import torch
from PIL import Image
from torchvision import models, transforms

names = open("names.txt").read().split()
model = models.resnet18(num_classes=len(names))
model.load_state_dict(torch.load("birds.pt", map_location="cpu", weights_only=True))  # finds: evaluation-without-eval-mode
prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
with torch.inference_mode():
    scores = model(prepare(Image.open(sys.argv[1]).convert("RGB"))[None])
print(names[int(scores.argmax())])

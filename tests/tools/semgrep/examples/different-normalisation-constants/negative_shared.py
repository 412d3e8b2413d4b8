from torchvision import transforms

normalise = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_transform = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor(), normalise])
test_transform = transforms.Compose([transforms.ToTensor(), normalise])

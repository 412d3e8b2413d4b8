import torchvision.transforms as T

to_train = T.Compose([T.RandomCrop(32, 4), T.ToTensor(), T.Normalize(mean=[0.49, 0.48, 0.45], std=[0.2, 0.2, 0.2])])  # finds: different-normalisation-constants
to_test = T.Compose([T.ToTensor(), T.Normalize(mean=[0.5, 0.5, 0.5], std=[0.2, 0.2, 0.2])])  # finds: different-normalisation-constants


def transform(training: bool):
    return to_train if training else to_test

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def collate_batch(samples):
    texts, labels = zip(*samples)
    padded = pad_sequence(texts, batch_first=True)
    return padded.to(device), torch.tensor(labels).to(device)  # finds: device-transfer-in-dataset


def loader(dataset):
    return DataLoader(dataset, batch_size=32, shuffle=True, collate_fn=collate_batch)

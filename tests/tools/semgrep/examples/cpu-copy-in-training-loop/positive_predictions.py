import numpy as np
import torch
from sklearn.metrics import f1_score


def train_epoch(model, loader, optimizer, criterion, device):
    model.train()
    predictions, targets = [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        logits = model(x)
        loss = criterion(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        predictions.append(logits.argmax(1).cpu().numpy())  # finds: cpu-copy-in-training-loop
        targets.extend(y.tolist())  # finds: cpu-copy-in-training-loop
    return f1_score(targets, np.concatenate(predictions), average="macro")

import torch
import torch.nn as nn
import torch.nn.functional as F

from data import loader
from nets import TextCnn

model = TextCnn(classes=5)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for epoch in range(8):
    for tokens, target in loader:
        optimizer.zero_grad()
        logits = model(tokens)
        probs = F.softmax(logits, dim=1)
        loss = criterion(probs, target)  # finds: softmax-before-cross-entropy
        loss.backward()
        optimizer.step()

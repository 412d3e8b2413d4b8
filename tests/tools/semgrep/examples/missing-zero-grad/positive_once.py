import torch

from data import batches
from nets import Encoder

encoder = Encoder()
optimizer = torch.optim.AdamW(encoder.parameters(), lr=2e-4)
scaler = torch.amp.GradScaler("cuda")
optimizer.zero_grad()
for step, (x, y) in enumerate(batches()):
    with torch.autocast("cuda"):
        loss = torch.nn.functional.mse_loss(encoder(x), y)
    scaler.scale(loss).backward()  # finds: missing-zero-grad
    scaler.step(optimizer)
    scaler.update()

import torch
from tqdm import tqdm

from project import batches, loss_of, make

model, optimizer = make()
losses = []
for epoch in range(3):
    bar = tqdm(batches("train"))
    for batch in bar:
        loss = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        bar.set_postfix(loss=loss.item())  # finds: item-in-training-loop
    losses.append(loss.item())

import torch
from accelerate import Accelerator
from transformers import AutoModelForSequenceClassification, get_linear_schedule_with_warmup

from data import train_loader

accelerator = Accelerator()
model = AutoModelForSequenceClassification.from_pretrained("roberta-base", num_labels=2)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
scheduler = get_linear_schedule_with_warmup(optimizer, 100, 3 * len(train_loader))
model, optimizer, loader, scheduler = accelerator.prepare(model, optimizer, train_loader, scheduler)

model.train()
for epoch in range(3):
    for batch in loader:
        output = model(**batch)
        accelerator.backward(output.loss)  # finds: sequence-model-without-gradient-clipping
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()

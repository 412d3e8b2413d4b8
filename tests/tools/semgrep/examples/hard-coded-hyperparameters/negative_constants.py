import torch

LEARNING_RATE = 1e-3
EPOCHS = 30


def optimizer_of(net):
    return torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE)


def keras_fit(model, X, y, batch):
    model.fit(X, y, epochs=EPOCHS, batch_size=batch)

import torch


def bounds(batch):
    low = torch.amin(batch, dim=0)
    copied = torch.tensor(low)  # finds: tensor-made-by-copying
    back = torch.from_numpy(batch.detach().cpu().numpy())  # finds: tensor-made-by-copying
    return copied, back

import torch


def named(logits: torch.Tensor, names: list[str]) -> list[tuple[str, float]]:
    scores = logits.softmax(-1)
    pairs = []
    for i in range(len(names)):
        pairs.append((names[i], scores[i].item()))  # finds: element-wise-transfer
    return sorted(pairs, key=lambda pair: -pair[1])

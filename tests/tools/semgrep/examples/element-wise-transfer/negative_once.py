import torch


def named(logits: torch.Tensor, names: list[str]) -> list[tuple[str, float]]:
    scores = logits.softmax(-1).tolist()
    return sorted(zip(names, scores, strict=True), key=lambda pair: -pair[1])

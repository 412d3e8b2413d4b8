import torch


@torch.inference_mode()
def predict(net, x):
    net.eval()
    logits = net(x)
    return (torch.sigmoid(logits) > 0.5).long()  # finds: hard-coded-threshold


def keep(detections):
    return [d for d in detections if d["confidence"] >= 0.35]  # finds: hard-coded-threshold

import torch
from torchvision.models.detection import fasterrcnn_resnet50_fpn

detector = fasterrcnn_resnet50_fpn(weights="DEFAULT").cuda().eval()


@torch.inference_mode()
def detect(image, least):
    found = detector([image.cuda()])[0]
    kept = []
    for k in range(len(found["scores"])):
        score = found["scores"][k].item()  # finds: element-wise-transfer
        if score >= least:
            kept.append(found["boxes"][k].cpu().numpy())  # finds: element-wise-transfer
    return kept

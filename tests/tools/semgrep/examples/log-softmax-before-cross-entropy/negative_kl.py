import torch
import torch.nn.functional as F


def mixed_loss(student_logits, teacher_logits, target, temperature=2.0, share=0.5):
    hard = F.cross_entropy(student_logits, target)
    soft = F.kl_div(
        F.log_softmax(student_logits / temperature, dim=-1),
        F.softmax(teacher_logits / temperature, dim=-1),
        reduction="batchmean",
    )
    return share * hard + (1 - share) * temperature**2 * soft


def perplexity(logits, target):
    return torch.exp(F.cross_entropy(logits, target))

"""How far a student is from its teacher, and from labels, as differentiable numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

TEMPERATURE = 2.0
_SMALL = 1e-8


def soft(student: Tensor, teacher: Tensor, mask: Tensor | None = None, temperature: float = TEMPERATURE) -> Tensor:
    """Return the divergence of two sets of logits at a temperature, times its square (Hinton et al. 2015).

    Args:
        student: logits, shape (..., classes).
        teacher: logits of the same shape.
        mask: shape (examples, tokens): logits of padding do not count.
        temperature: by which both are divided.
    """
    from torch.nn import functional

    if mask is not None and teacher.ndim == 3 and mask.shape == teacher.shape[:2]:
        student, teacher = student[mask.bool()], teacher[mask.bool()]

    classes = student.shape[-1]
    mine = functional.log_softmax(student.reshape(-1, classes) / temperature, dim=-1)
    theirs = functional.log_softmax(teacher.reshape(-1, classes) / temperature, dim=-1)
    return functional.kl_div(mine, theirs, reduction="batchmean", log_target=True) * temperature**2


def near(student: Tensor, teacher: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return how far vectors are from the teacher's: squared error by the teacher's own spread, and angle.

    Where the outputs have a vector per token, padding does not count, and the mean over the tokens, which is what
    sentence embeddings are made of (Reimers and Gurevych 2019), counts beside the tokens.

    Args:
        student: shape (examples, ...) or (examples, tokens, width).
        teacher: the same shape.
        mask: shape (examples, tokens), 1 for a token and 0 for padding.
    """
    if mask is not None and teacher.ndim == 3 and mask.shape == teacher.shape[:2]:
        weights = mask.to(teacher.dtype).unsqueeze(-1)
        counts = weights.sum(1).clamp_min(1)
        pooled = _apart((student * weights).sum(1) / counts, (teacher * weights).sum(1) / counts)
        kept = mask.bool()
        return pooled + _apart(student[kept], teacher[kept])
    return _apart(student, teacher)


def hidden(student: Tensor, teacher: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return the squared error of a layer's states by the teacher's spread (Jiao et al. 2020), without padding."""
    if mask is not None and teacher.ndim == 3 and mask.shape == teacher.shape[:2]:
        kept = mask.bool()
        return _squared(student[kept], teacher[kept])
    return _squared(student, teacher)


def _apart(student: Tensor, teacher: Tensor) -> Tensor:
    from torch.nn import functional

    error = _squared(student, teacher)
    if teacher.ndim < 2 or teacher.shape[-1] < 2:
        return error
    return error + (1 - functional.cosine_similarity(student, teacher, dim=-1)).mean()


def _squared(student: Tensor, teacher: Tensor) -> Tensor:
    spread = (teacher - teacher.mean()).square().mean().clamp_min(_SMALL)
    return (student - teacher).square().mean() / spread

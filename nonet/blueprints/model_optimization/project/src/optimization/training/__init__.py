"""Changes of a model that need it as a torch module: pruning, distillation, quantization-aware training.

Each takes a module, example inputs by name and, where there are any, labels; and returns a new module. The given one is
never changed. The same seed on the same machine gives the same module.
"""

from __future__ import annotations

from optimization.training.distillation import distil, multi_task, self_distil
from optimization.training.errors import TrainingError
from optimization.training.fitting import Plan, Progress
from optimization.training.pruning import iterative, prune
from optimization.training.quantization import quantization_aware

__all__ = [
    "Plan",
    "Progress",
    "TrainingError",
    "distil",
    "iterative",
    "multi_task",
    "prune",
    "quantization_aware",
    "self_distil",
]

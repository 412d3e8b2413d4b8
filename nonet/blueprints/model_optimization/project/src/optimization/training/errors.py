"""What can be wrong with a module, its examples or its labels, before anything is trained."""

from __future__ import annotations

from optimization.errors import OptimizationError


class TrainingError(OptimizationError):
    """A module that cannot be changed in the way asked for, or data that cannot train it; one line says which."""

"""What can be wrong with a folder of training logs."""

from __future__ import annotations

from optimization.errors import OptimizationError


class LogsError(OptimizationError):
    """A folder that cannot be read, or a file in it that is broken; one line says which."""

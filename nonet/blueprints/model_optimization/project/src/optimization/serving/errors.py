"""What can be wrong with a request, a load test or a comparison."""

from __future__ import annotations

from optimization.errors import OptimizationError


class ServingError(OptimizationError):
    """A request that does not fit the model, or a load test that cannot be run; one line says why."""

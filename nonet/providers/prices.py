"""What tokens cost: the user's own figure, else a dated table; models that run on one's own machine cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from nonet import configs
from nonet.providers.provider import Provider
from nonet.providers.reach import loopback

_MILLION = 1e6


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    input: float
    output: float


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    prices: dict[str, dict[str, _Row]]


@dataclass(frozen=True)
class Price:
    """USD a million tokens.

    Attributes:
        source: ``settings``, ``own`` (one's own machine or subscription: counted as nothing), or the table's date.
    """

    input: float
    output: float
    source: str

    def of(self, asked: int, answered: int) -> float:
        """Return the USD of so many tokens asked and answered."""
        return (asked * self.input + answered * self.output) / _MILLION


def price(provider: Provider) -> Price | None:
    """Return what a model's tokens cost, or nothing where nobody said."""
    limits = provider.limits
    if limits.input_price is not None and limits.output_price is not None:
        return Price(limits.input_price, limits.output_price, "settings")
    if provider.family in ("cli", "gguf") or loopback(provider.address):
        return Price(0.0, 0.0, "own")
    table = _table()
    rows = {} if provider.limits.base_url else table.prices.get(provider.family, {})
    name = max((each for each in rows if provider.model.startswith(each)), key=len, default="")
    return Price(rows[name].input, rows[name].output, table.date.isoformat()) if name else None


@cache
def _table() -> _Table:
    import yaml

    return _Table.model_validate(yaml.safe_load(configs.text("prices.yaml")))

"""Builds are estimated from samples: what grows with the data grows, what does not is counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nonet.trials.estimate import FIXED, SHARES, Estimator
from nonet.trials.plans import StagePlan


@dataclass
class Bench:
    """A laboratory of one stage: ``start`` seconds whatever the data, ``work`` on all of them."""

    start: float
    work: float
    said: bool = True
    share: float = 1.0
    built: dict[str, float] = field(default_factory=dict[str, float])
    data: Path = Path("data")

    @property
    def store(self) -> Any:
        return SimpleNamespace(
            stage=lambda key: SimpleNamespace(seconds=self.built[key]) if key in self.built else None
        )

    def on(self, data: Path) -> Bench:
        return Bench(self.start, self.work, self.said, float(data.name), self.built, data)

    def build(self, design: Mapping[str, Any]) -> None:
        self.built[str(self.share)] = self.start + self.work * self.share

    def stages(self, design: Mapping[str, Any]) -> list[StagePlan]:
        key = str(self.share)
        counted = {FIXED: self.start} if self.said else {}
        return [StagePlan("vectors", key, (), (), True, key in self.built, counted)]


def estimated(bench: Bench, folder: Path) -> float:
    blueprint = SimpleNamespace(sample=lambda data, share, out: None)
    found = Estimator(cast(Any, blueprint), cast(Any, bench), folder).seconds({})
    assert found is not None
    return found


def test_what_a_stage_says_not_to_grow_is_counted_once(tmp_path: Path):
    assert estimated(Bench(start=30, work=100), tmp_path) == pytest.approx(130)


def test_what_is_not_said_grows_as_if_it_were_work(tmp_path: Path):
    assert estimated(Bench(start=30, work=100, said=False), tmp_path) == pytest.approx(32 / SHARES[0])


def test_a_quick_sample_is_told_apart_by_a_larger_one(tmp_path: Path):
    assert estimated(Bench(start=1, work=50), tmp_path) == pytest.approx(51)

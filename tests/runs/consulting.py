"""A consultation alone: the step in a copy of a finished run's folder, and the report that tells of it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import threshold_workflow

import nonet
from nonet.graphs.steps import reporting
from nonet.graphs.steps.consult import consult, late, opinions
from nonet.graphs.steps.consult.opinions import Said
from nonet.graphs.steps.desk import Desk
from nonet.settings import ProviderSettings, SeatSettings
from nonet.testing import FakeProvider

FAMILIES = {"openai": "openai", "anthropic": "anthropic", "gemini": "google_genai"}
NEW = ("opinions.jsonl", "council.json", "council_question.md", "models.jsonl", "measurements.json")
"""What a consultation leaves, or asks of: a copy begins without it."""


def seated(settings: nonet.Settings, fakes: Mapping[str, FakeProvider], **fields: Any) -> nonet.Settings:
    """Return settings with a seat for each provider, named as its dialect with whatever follows a dash."""
    providers = {
        name: ProviderSettings(
            model=f"{FAMILIES[name.split('-')[0]]}:any", base_url=fake.base_url, key="CANARY_KEY",
            input_price=1.0, output_price=2.0,
        )
        for name, fake in fakes.items()
    }  # fmt: skip
    seats = tuple(SeatSettings(provider=name) for name in fakes)
    return settings.model_copy(update={"providers": providers, "seats": seats, **fields})


def desk(finished: Path, folder: Path, settings: nonet.Settings) -> Desk:
    """Open a desk on a copy of a finished run that was not consulted yet."""
    folder.mkdir(exist_ok=True)
    for path in finished.iterdir():
        if path.is_file() and path.name not in NEW and not (folder / path.name).exists():
            shutil.copy(path, folder)
    return Desk(folder, settings, threshold_workflow.blueprint())


async def consulted(at: Desk) -> dict[str, Said]:
    """Consult, write the report, and return seat → what it said."""
    update = await consult(at, {})
    await late.end(at.folder)
    reporting.write(at, update.get("notes", []))
    return opinions.given(at)

# ruff: noqa: E501 - the small documents read better on one line
"""A small corpus, and a project built on it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from rag import system
from rag.settings import Settings, load

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "rag-hypothesis")  # nothing is left in the project
hypothesis.settings.register_profile(
    "project",
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("project")

PAGES = {
    "guide/install.md": "# Installing\n\nRun the installer with administrator rights.\n\n## Windows\n\nUse the MSI package.\n\n"
    "## Linux\n\nUse the tarball and unpack it below /opt.\n",
    "guide/backup.md": "# Backups\n\nA backup runs every night at two o'clock.\n\n## Restoring\n\nStop the database, then "
    "restore the newest backup with the restore command.\n",
    "guide/users.md": "# User accounts\n\nAn administrator creates accounts. Passwords expire after ninety days.\n",
    "notes.txt": "The cafeteria closes at three. Coffee is free on Fridays.\n",
    "api.py": '"""Client of the billing service."""\n\n\ndef invoice(number):\n    """Return the invoice of a number as PDF."""\n',
    "faq.html": "<html><head><title>Questions</title></head><body><article><h1>Frequent questions</h1><p>Refunds are paid "
    "within fourteen days of the complaint, to the card that was charged.</p><h2>Shipping</h2><p>Parcels leave the "
    "warehouse on weekdays before noon and arrive within three days.</p></article></body></html>",
}
DESIGN: dict[str, Any] = {
    "chunking": "windows",
    "chunk_unit": "words",
    "chunk_size": 20,
    "chunk_overlap": 5,
    "title_prefix": True,
    "retrieval": "hybrid_weighted",
    "embedding": "wordllama",
    "context_tokens": 200,
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "corpus"


@pytest.fixture
def settings_for(tmp_path: Path, corpus: Path) -> Callable[..., Settings]:
    """Write a project with the given changes to the design; return its settings."""

    def make(**changes: Any) -> Settings:
        root = tmp_path / "project"
        root.mkdir(exist_ok=True)
        value = {"design": {**DESIGN, **changes}, "corpus": str(corpus)}
        (root / "settings.json").write_text(json.dumps(value), encoding="utf-8")
        return load(root)

    return make


@pytest.fixture
def built(settings_for: Callable[..., Settings], corpus: Path) -> Callable[..., system.System]:
    """Index the corpus with the given changes to the design; return the opened system."""

    def make(**changes: Any) -> system.System:
        settings = settings_for(**changes)
        system.index(settings, corpus)
        return system.open_shipped(settings)

    return make

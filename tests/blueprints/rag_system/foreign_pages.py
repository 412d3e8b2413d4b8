"""Pages and questions that share no word: only who knows that frage7 means thing7 finds the page."""

from __future__ import annotations

import json
from pathlib import Path


def write(folder: Path, pages: int) -> dict[str, str]:
    """Write ``docs/`` and ``questions.jsonl``; return the words that mean the same."""
    (folder / "docs").mkdir(parents=True)
    for i in range(pages):
        text = f"This page tells how thing{i} is put together and when thing{i} has to be cleaned. "
        (folder / "docs" / f"page{i}.txt").write_text(text * 3)
    rows = [{"id": f"q{i}", "text": f"frage{i} frage{i}", "relevant": [f"page{i}.txt"]} for i in range(pages)]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {f"frage{i}": f"thing{i}" for i in range(pages)}

"""``rag_system`` with one model and with a council: the report says in which mode, and who was right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from commands import Command

from nonet.providers import retrying
from nonet.testing import FakeProvider, Question
from nonet.testing.replies import Said as Answered

CANARY = "sk-canary-4d5e6f708192"
SIZES = {"openai": 64, "anthropic": 256}
"""Provider → size of the passages in the design that it nominates: no two the same."""


def says(size: int) -> object:
    """Return a script: as an agent it has nothing to tell, in the council it nominates one design."""

    def script(question: Question) -> Answered:
        if question.schema is None or "candidates" not in question.schema.get("properties", {}):
            return "Nothing to tell."
        candidate = {"chunking": "fixed", "chunk_size": size}
        return {"candidates": [candidate], "rationale": "Short passages.", "confidence": 0.6}

    return script


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "model", "seats"),
    [("one model", "openai", []), ("council", "playbook", ["openai", "anthropic"])],
)
def test_the_report_says_who_was_asked_and_which_seat_nominated_the_winner(
    mode: str, model: str, seats: Sequence[str], nonet_command: Command, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_KEY", CANARY)
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.0)
    shutil.copytree(corpus, "docs")
    with ExitStack() as stack:
        fakes = {name: stack.enter_context(FakeProvider(name, says(size))) for name, size in SIZES.items()}  # type: ignore[arg-type]
        providers = {
            name: {"model": f"{name}:any", "base_url": fake.base_url, "key": "A_KEY"} for name, fake in fakes.items()
        }
        chosen = {"model": model, "providers": providers, "seats": [{"provider": name} for name in seats]}
        Path("nonet.yaml").write_text(yaml.safe_dump(chosen))
        said = nonet_command("run", "Build a RAG system over docs/", "--budget", "3 trials", "--json")
        assert said.code == 0, said.err
        asked = {name for name, fake in fakes.items() if fake.questions}
    assert asked == {*seats, model} - {"playbook"}
    run, report = (Path(said.object["paths"][name]) for name in ("run", "report"))
    text = report.read_text()
    assert f"Mode: **{mode}**" in text
    decided = json.loads((run / "decision.json").read_text())
    rows = {row["key"]: row for row in decided["candidates"]}
    named = ", ".join(rows[decided["decision"]["winner"]]["seats"])
    assert f"What ships was nominated by {named}." in text
    heard = {seat for row in decided["candidates"] for seat in row["seats"]} & set(fakes)
    assert heard == asked
    new = [row for row in rows.values() if set(row["seats"]) & set(fakes)]
    assert any(row["measured"] for row in new)
    council = nonet_command("council", "--json").object
    assert {each["seat"] for each in council["seats"] if each["role"] == "model"} == asked
    assert not [path for path in run.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]

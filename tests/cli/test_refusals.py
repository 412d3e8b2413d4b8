"""What cannot be used is refused: exit 2, one clear line, nothing written but below the run folder and the home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import result_schema as schema
from commands import Command, Said

from nonet import graphs

RAG = ("run", "rag_system", "Answer questions")


def refused(command: Command, *words: object) -> Said:
    """Run it with ``--json`` and hold everything that holds of every refusal."""
    before = sorted(Path.cwd().rglob("*"))
    said = command(*words, "--json")
    schema.undecided(said.object)
    assert said.code == 2, said.err
    assert said.object["status"] == "failed"
    assert said.err.startswith("nonet: ")
    assert said.err.count("\n") == 1
    error = said.object["error"]
    assert f"{error['message']} {error['remedy']}".strip() == said.err.removeprefix("nonet: ").strip()
    written = [path for path in Path.cwd().rglob("*") if path not in before]
    assert all(path.is_relative_to(Path.cwd() / "nonet-runs") for path in written)
    return said


def at_once(command: Command, *words: object) -> Said:
    """A refusal before there is a run: nothing at all is written."""
    said = refused(command, *words)
    assert said.object["paths"]["run"] is None
    assert not (Path.cwd() / "nonet-runs").exists()
    return said


def test_a_missing_corpus(nonet_command: Command) -> None:
    assert "There is no corpus at nowhere" in at_once(nonet_command, *RAG, "--corpus", "nowhere").err


def test_an_empty_corpus(nonet_command: Command) -> None:
    Path("empty").mkdir()
    assert "is empty" in at_once(nonet_command, *RAG, "--corpus", "empty").err


def test_a_folder_without_a_kind_of_file_that_is_read(nonet_command: Command) -> None:
    Path("pictures").mkdir()
    Path("pictures/a.png").write_bytes(b"\x89PNG\r\n")
    said = at_once(nonet_command, *RAG, "--corpus", "pictures")
    assert "a.png" in said.err
    assert ".md" in said.err


def test_a_folder_whose_files_hold_no_readable_text(nonet_command: Command) -> None:
    Path("noise").mkdir()
    Path("noise/a.md").write_bytes(bytes(range(256)) * 20)
    Path("noise/b.txt").write_text("   \n")
    said = refused(nonet_command, *RAG, "--corpus", "noise")
    assert "a.md: binary" in said.err
    assert "CorpusError" not in said.err


def test_questions_that_name_unknown_documents(nonet_command: Command, corpus: Path) -> None:
    Path("q.jsonl").write_text(json.dumps({"text": "How is the valve opened?", "relevant": ["engine.md"]}) + "\n")
    said = refused(nonet_command, *RAG, "--corpus", corpus, "--questions", "q.jsonl")
    assert "engine.md" in said.err
    assert "q.jsonl:1" in said.err


def test_malformed_questions_name_the_line(nonet_command: Command, corpus: Path) -> None:
    good = json.dumps({"text": "How is the valve opened?", "relevant": ["valve.md"]})
    Path("q.jsonl").write_text(f"{good}\n\n{good[:-9]}\n")
    assert "q.jsonl:3" in at_once(nonet_command, *RAG, "--corpus", corpus, "--questions", "q.jsonl").err
    assert "There are no questions at" in at_once(nonet_command, *RAG, "--corpus", corpus, "--questions", "r.jsonl").err


def test_an_unknown_workflow_lists_those_there_are(nonet_command: Command) -> None:
    known = ", ".join(dict.fromkeys([*graphs.names(), "threshold"]))
    assert f"Workflows: {known}." in at_once(nonet_command, "run", "cakes").err
    assert "rag_system" in at_once(nonet_command, "run", "cakes", "Bake one", "--budget", "1s").err
    assert "rag_system" in at_once(nonet_command, "demo", "cakes").err
    assert "rag_system" in at_once(nonet_command, "prepare", "cakes").err


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("speed>3", "f1, accuracy, operations, p95_latency_ms"),
        ("p95_latency_ms<3 GB", "no unit 'GB'"),
        ("accuracy is 1", "no comparison"),
        ("accuracy>1e999", "too large"),
    ],
)
def test_a_target_that_cannot_be_judged(target: str, says: str, nonet_command: Command, table: Path) -> None:
    said = at_once(nonet_command, "run", "threshold", "Classify", "--table", table, "--target", target)
    assert says in said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--budget", "soon"), "The budget 'soon'"),
        (("--budget", "0 trials"), "The budget '0 trials'"),
        (("--tolerance", "2"), "outside [0, 1)"),
        (("--tolerance", "much"), "much"),
        (("--corpus", "docs"), "--corpus"),
        (("--seed", "x"), "--seed"),
    ],
)
def test_a_malformed_option(words: tuple[str, ...], says: str, nonet_command: Command, table: Path) -> None:
    assert says in at_once(nonet_command, "run", "threshold", "Classify", "--table", table, *words).err


def test_a_budget_too_small_for_the_baseline_says_how_much_it_needs(nonet_command: Command, corpus: Path) -> None:
    said = refused(nonet_command, *RAG, "--corpus", corpus, "--budget", "1s")
    assert said.object["error"]["code"] == "budget"
    assert "The budget of 1s cannot hold the baseline." in said.err
    assert "are needed: --budget" in said.err


def test_a_run_folder_that_exists(nonet_command: Command, table: Path) -> None:
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("dear")
    words = ("run", "threshold", "Classify", "--table", table, "--out", "mine")
    assert "exists and is not empty" in refused(nonet_command, *words).err
    assert [path.name for path in Path("mine").iterdir()] == ["letter.txt"]
    Path("file").write_text("dear")
    assert "exists" in refused(nonet_command, *words[:-1], "file").err
    assert Path("file").read_text() == "dear"


def test_data_past_the_size_limit_name_the_setting(
    nonet_command: Command, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NONET_FILE_SIZE_LIMIT", "100")
    said = refused(nonet_command, "run", "threshold", "Classify", "--table", table)
    assert "larger than the limit of 100 bytes" in said.err
    assert "Raise file_size_limit" in said.err


@pytest.mark.parametrize("verb", ["show", "resume", "verify"])
def test_an_unknown_run(verb: str, nonet_command: Command) -> None:
    Path("folder").mkdir()
    for name in ("nobody", "folder", "/"):
        assert f"There is no run '{name}'. See: nonet runs" in at_once(nonet_command, verb, name).err


def test_an_unknown_or_malformed_setting_is_named(nonet_command: Command) -> None:
    path = Path("nonet.yaml")
    for text, says in (
        ("runz: here\n", "unknown setting 'runz'"),
        ("concurrency: many\n", "concurrency"),
        ("isolation: [\n", "not valid YAML"),
        ("- a\n", "must be a mapping"),
    ):
        path.write_text(text)
        for words in (("runs",), ("run", "threshold", "Classify"), ("show", "nobody")):
            said = at_once(nonet_command, *words)
            assert says in said.err
            assert "nonet.yaml" in said.err


@pytest.mark.parametrize(
    "words", [(), ("bake",), ("run",), ("show",), ("tool", "search", "word"), ("runs", "--colour")]
)
def test_a_command_that_cannot_be_understood(words: tuple[str, ...], nonet_command: Command) -> None:
    assert at_once(nonet_command, *words).object["error"]["code"] == "usage"

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.cli import main
from rag.settings import Settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rag(settings_for: Callable[..., Settings], capsys: pytest.CaptureFixture[str]) -> Run:
    root = settings_for().root

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--project", str(root), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def questions(path: Path, *records: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def test_index_ask_and_search(rag: Run, tmp_path: Path):
    code, out, _ = rag("index", "--json")
    assert code == 0
    assert json.loads(out)["documents"] == 6
    code, out, _ = rag("ask", "How do I restore a backup?", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["generated"] is False
    assert {"doc", "chunk", "score"} <= set(answer["sources"][0])
    code, out, _ = rag("search", "restore a backup", "--k", "3", "--json")
    found = json.loads(out)
    assert found["docs"][0] == "guide/backup.md"
    assert len(found["docs"]) == len(set(found["docs"])) == 3
    path = questions(tmp_path / "q.jsonl", {"id": "a", "text": "refund", "extra": 1}, {"text": "password"})
    _, out, _ = rag("search", "--questions", path, "--k", "2", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["id"] for line in lines] == ["a", "2"]
    assert lines[0]["docs"][0] == "faq.html"


def test_people_read_sources_too(rag: Run):
    rag("index")
    code, out, _ = rag("ask", "How do I restore a backup?")
    assert code == 0
    assert re.search(r"\[1\] guide/backup\.md · chunk \d", out)


def test_measure_scores_and_compares(rag: Run, tmp_path: Path, settings_for: Callable[..., Settings]):
    rag("index")
    path = questions(
        tmp_path / "q.jsonl",
        {"text": "restore a backup", "relevant": ["guide/backup.md"], "answer_quote": "restore the newest backup"},
        {"text": "coffee", "relevant": [{"doc": "guide/users.md", "grade": 2}]},
    )
    (settings_for().root / "measurements.json").write_text(
        json.dumps({"metrics": {"ndcg@10": {"value": 0.5}, "mrr": 1}})
    )
    code, out, _ = rag("measure", "--questions", path, "--json")
    result = json.loads(out)
    assert code == 0
    assert 0.5 < result["measured"]["ndcg@10"] < 1
    assert result["measured"]["answer_in_context"] == 1
    assert result["recorded"] == {"ndcg@10": 0.5, "mrr": 1.0}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["search", "x"], "rag index"),
        (["search"], "Give one question"),
        (["index", "/nowhere/at/all"], "does not exist"),
        (["measure"], "--questions"),
        (["replay"], "--questions"),
        (["load"], "--questions"),
        (["search", "x", "--where", "kind"], "condition"),
        (["serve", "--host", "203.0.113.7"], "--host"),
        (["--project", "/nowhere", "ask", "x"], "settings.json"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_code_2(rag: Run, arguments: list[str], complaint: str):
    code, out, err = rag(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1


def test_malformed_questions_name_their_line(rag: Run, tmp_path: Path):
    rag("index")
    (tmp_path / "q.jsonl").write_text('{"text": "fine"}\n{"text": ""}\n')
    code, _, err = rag("search", "--questions", str(tmp_path / "q.jsonl"))
    assert code == 2
    assert "line 2" in err


def test_conditions_choose_documents(rag: Run):
    rag("index")
    _, out, _ = rag("search", "restore a backup", "--where", "kind in (html, code)", "--where", "suffix!=.py", "--json")
    assert json.loads(out)["docs"] == ["faq.html"]
    _, out, _ = rag("ask", "How do I restore a backup?", "--where", "folder=guide", "--json")
    assert {source["doc"].partition("/")[0] for source in json.loads(out)["sources"]} == {"guide"}


def test_an_answer_is_kept_unless_told_otherwise(rag: Run):
    rag("index")
    question = "How do I restore a backup?"
    cached = [json.loads(rag("ask", question, *options, "--json")[1])["cached"] for options in ([], [], ["--no-cache"])]
    assert cached == [False, True, False]


def test_index_says_what_changed(rag: Run, corpus: Path):
    rag("index")
    (corpus / "new.md").write_text("# New\n\nSomething.\n")
    (corpus / "notes.txt").unlink()
    _, out, _ = rag("index")
    assert all(text in out for text in ("added 1", "changed 0", "deleted 1", "unchanged 5", "parsed 1", "BM25"))
    _, out, _ = rag("index", "--fresh", "--json")
    assert json.loads(out)["parsed"] == 6


def test_measure_counts_useful_chunks_and_what_could_be_reached(rag: Run, tmp_path: Path):
    rag("index")
    path = questions(
        tmp_path / "q.jsonl",
        {"text": "restore a backup", "relevant": ["guide/backup.md", "notes.txt"]},
        # The quote stands in a page that nobody named: its chunk is useful, its document is not.
        {"text": "restore a backup", "relevant": ["notes.txt"], "answer_quote": "restore the newest backup"},
    )
    code, out, _ = rag("measure", "--questions", path, "--json")
    found = json.loads(out)["measured"]
    assert code == 0
    assert found["p@5_documents_attainable"] == pytest.approx((0.4 + 0.2) / 2)
    assert 0 < found["p@5_documents"] <= found["p@5_documents_attainable"]
    assert found["p@5_packed"] > 0.2
    assert found["recall@5"] <= found["recall@10"] <= found["recall@20"]
    assert found["p50_latency_ms"] <= found["p95_latency_ms"] <= found["p99_latency_ms"]
    assert found["cold_p50_latency_ms"] > 0
    assert found["first_question_ms"] > found["opening_ms"] > 0
    _, out, _ = rag("measure", "--questions", path)
    assert "p99 wants 299 questions" in out


@pytest.mark.parametrize(
    ("cache", "complaint"),
    [({"similiar": True}, "similiar"), ({"similar": 1}, "similar"), ([], "cache"), ({"responses": "no"}, "responses")],
)
def test_a_misspelt_cache_is_refused(rag: Run, settings_for: Callable[..., Settings], cache: Any, complaint: str):
    path = settings_for().root / "settings.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "cache": cache}))
    code, _, err = rag("search", "x")
    assert code == 2
    assert complaint in err
    assert err.count("\n") == 1


def test_the_command_starts_without_what_it_does_not_need():
    code = "import sys, rag.cli; rag.cli.parser(); print([m for m in sys.modules if m in sys.argv[1:]])"
    heavy = ["numpy", "bm25s", "onnxruntime", "fastapi", "uvicorn", "httpx", "trafilatura", "prometheus_client"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.cli import main
from rag.serve import application
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


def test_the_server_answers_and_searches(rag: Run, settings_for: Callable[..., Settings]):
    rag("index")
    client = TestClient(application(settings_for()))
    assert client.get("/health").json()["status"] == "ok"
    assert client.post("/search", json={"question": "refund", "k": 1}).json()["docs"][0]["doc"] == "faq.html"
    first = client.post("/ask", json={"question": "How do I restore a backup?"}).json()
    again = client.post("/ask", json={"question": "How do I restore a backup?"}).json()
    assert first["sources"][0]["doc"] == "guide/backup.md"
    assert (first["cached"], again["cached"]) == (False, True)
    assert client.post("/ask", json={"question": ""}).status_code == 422
    assert client.post("/search", json={"question": "x", "k": 0}).status_code == 422

"""``nonet consult``: with seats, with options, and with no model at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from commands import Command, Said

from nonet.cli import main
from nonet.providers import retrying
from nonet.testing import FakeProvider, Fault
from nonet.testing.replies import Question


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run one command in an empty working folder and home."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("NONET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("A_KEY", "canary-0c1d2e3f")
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)

    def command(*words: str) -> Said:
        capfd.readouterr()
        code = main(list(words))
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return command


def seated(**fakes: FakeProvider) -> None:
    """Write a nonet.yaml in which every fake has a seat."""
    providers = {
        name: {"model": f"{name}:some", "base_url": fake.base_url, "key": "A_KEY"} for name, fake in fakes.items()
    }
    seats = [{"provider": name} for name in fakes]
    Path("nonet.yaml").write_text(yaml.safe_dump({"providers": providers, "seats": seats}))


def test_with_no_model_it_says_so_and_gives_what_tools_hold(asked: Command) -> None:
    Path("train.py").write_text("x = 1\n")
    said = asked("consult", "How should text be chunked?", "--path", "train.py", "--option", "a", "--option", "b")
    assert said.code == 0
    first = said.out.splitlines()[0]
    assert first.startswith("No model has a seat here")
    assert "compared by nobody" in first
    assert "note:rag_system/" in said.out
    found = asked("consult", "How should text be chunked?", "--json").object
    assert (found["backend"], found["seats"], found["tokens"]) == ("rules", [], 0)
    assert found["items"][0]["reference"].startswith("note:")


def test_a_question_goes_to_the_seats_and_goes_on(asked: Command) -> None:
    def script(question: Question) -> object:
        held = {"statement": "The scaler leaks.", "evidence": [{"reference": "train.py:1", "quote": "scaler.fit(x)"}]}
        return {"positions": []} if "# Claims" in question.text else {"claims": [held]}

    Path("train.py").write_text("scaler.fit(x)\n")
    with FakeProvider("openai", script) as one, FakeProvider("anthropic", [Fault("refusal")]) as two:
        seated(openai=one, anthropic=two)
        found = asked("consult", "Review this.", "--path", "train.py", "--role", "You look for leaks.", "--json").object
        (item,) = found["items"]
        assert (item["facts"]["held_by"], item["facts"]["checked"]) == (["openai"], ["train.py:1"])
        assert list(found["failed"]) == ["anthropic"]
        assert one.questions[0].system == "You look for leaks."
        again = asked("consult", "And then?", "--seat", "openai", "--continue", found["continuation"])
        assert again.code == 0
        assert "claim:1  The scaler leaks." in again.out
        assert "Review this." in one.questions[-1].text
        assert asked("consult", "What?", "--seat", "openai", "--max-tokens", "5", "--json").object["failed"]


def test_options_are_ranked_and_turned_verdicts_stand_in_the_record(asked: Command) -> None:
    def steady(question: Question) -> object:
        first = question.messages[-1][1].split("# First option")[1].split("# Second option")[0]
        return {"better": "first" if "Airflow" in first else "second", "reason": "it is known"}

    with (
        FakeProvider("openai", steady) as one,
        FakeProvider("anthropic", lambda _: {"better": "first", "reason": "place"}) as two,
    ):
        seated(openai=one, anthropic=two)
        said = asked("consult", "Which platform?", "--option", "cron", "--option", "Airflow")
        assert said.code == 0
        assert said.out.splitlines()[0] == "option:2  Airflow"
        assert "the choice is open" in said.out
    flips = {seat["seat"]: seat["flips"] for seat in asked("council", "--json").object["seats"]}
    assert flips == {"openai": 0.0, "anthropic": 1.0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--seat", "nobody"), "no seat 'nobody'"),
        (("--path", "../outside.py"), "leads outside"),
        (("--option", "only"), "1 options"),
        (("--continue", "../../x"), "no conversation"),
        (("--max-usd", "-1"), "max_usd"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(asked: Command, words: tuple[str, ...], said: str) -> None:
    found = asked("consult", "What?", *words, "--json")
    assert found.code == 2
    assert said in found.err
    assert len(found.err.splitlines()) == 1
    assert json.loads(found.out)["error"]

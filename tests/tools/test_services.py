"""How services are asked: who may be, how often, what is kept, and who answers in their place."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from nonet.errors import Fault, ServiceError, ToolError
from nonet.providers import retrying
from nonet.settings import Settings
from nonet.tools.contract import Arguments, Found, Item, Tool, ToolContext
from nonet.tools.services import pace, permission
from nonet.tools.services.http import retry_after
from nonet.tools.services.record import Call
from nonet.tools.services.remote import Remote


class Question(Arguments):
    query: str = Field(description="What.")


def found(backend: str, text: str) -> Found:
    return Found(backend, [Item(reference=f"{backend}#1", title="t", excerpt=text)])


class Service(Remote[Question]):
    """A service that fails as it is told to, then answers."""

    service = "oracle"
    remedy = "Set ORACLE_KEY."

    def __init__(self, name: str, *faults: Fault, lack: str = "", retry: float | None = None, slow: float = 0) -> None:
        self.name, self.faults, self.lack, self.retry, self.slow = name, list(faults), lack, retry, slow
        self.asked: list[float] = []

    def lacking(self, context: ToolContext) -> str:
        return self.lack

    async def find(self, arguments: Question, context: ToolContext) -> Found:
        self.asked.append(time.monotonic())
        await asyncio.sleep(self.slow)
        if self.faults:
            raise ServiceError(f"{self.name} is down", self.faults.pop(0), retry_after=self.retry)
        return found(self.name, arguments.query)

    async def probe(self, context: ToolContext) -> None:
        await self.find(Question(query="probe"), context)


class Oracle(Tool[Question]):
    name = "oracle"
    service = "oracle"
    description = "Answers."
    Arguments = Question

    def __init__(self, *services: Service) -> None:
        self.services = services

    def remotes(self) -> Sequence[Service]:
        return self.services

    async def find(self, arguments: Question, context: ToolContext) -> Found:
        if arguments.query == "nonsense":
            raise ToolError("That is no question.", "Ask another.")
        return found("notes", arguments.query)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(pace, "_sent", pace.defaultdict(pace.deque))


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def ask(tmp_path, calls):
    async def ask(*services: Service, query: str = "why", **changed: Any):
        settings = Settings(**{"home": str(tmp_path / "home"), "tool_seconds": 5, **changed})
        return await Oracle(*services).answer({"query": query}, ToolContext(settings, record=calls.append))

    return ask


async def test_the_first_service_that_may_be_asked_answers(ask, calls):
    result = await ask(Service("a", lack="it needs A_KEY"), Service("b"), Service("c"))
    assert (result.backend, result.note) == ("b", "")
    assert [(call.backend, call.remote, call.outcome, call.items) for call in calls] == [("b", True, "answered", 1)]


async def test_without_any_what_is_embedded_answers(ask, calls):
    result = await ask(Service("a", lack="it needs A_KEY"))
    assert result.backend == "notes"
    assert [(call.backend, call.remote) for call in calls] == [("notes", False)]


@pytest.mark.parametrize("fault", ["limit", "timeout", "unavailable"])
async def test_a_passing_fault_is_asked_again(ask, calls, fault):
    service = Service("a", fault, fault)
    assert (await ask(service)).backend == "a"
    assert (len(service.asked), calls[0].attempts) == (3, 3)


@pytest.mark.parametrize("fault", ["key", "malformed"])
async def test_a_lasting_fault_is_not(ask, calls, fault):
    service = Service("a", fault)
    result = await ask(service)
    assert len(service.asked) == 1
    assert result.backend == "notes"
    assert result.note == "a did not answer (a is down); notes answered instead."
    assert [call.outcome for call in calls] == [fault, "answered"]


async def test_the_next_service_answers_before_what_is_embedded(ask):
    result = await ask(Service("a", "key"), Service("b"))
    assert result.backend == "b"
    assert "a did not answer" in result.note


async def test_retry_after_is_kept(ask):
    service = Service("a", "limit", retry=0.3)
    await ask(service)
    assert service.asked[1] - service.asked[0] >= 0.3


async def test_a_wait_past_the_time_limit_is_not_waited(ask):
    service = Service("a", "limit", retry=3600)
    began = time.monotonic()
    assert (await ask(service)).backend == "notes"
    assert time.monotonic() - began < 3
    assert len(service.asked) == 1


async def test_a_slow_service_is_left(ask, calls):
    result = await ask(Service("a", slow=60), tool_seconds=0.3)
    assert result.backend == "notes"
    assert "no answer within 0.3 s" in result.note
    assert calls[0].outcome == "timeout"


async def test_remote_alone_never_falls_back(ask):
    with pytest.raises(ServiceError, match="a is down"):
        await ask(Service("a", "key"), backends={"oracle": "remote"})
    with pytest.raises(ToolError, match="a is chosen, but it needs A_KEY"):
        await ask(Service("a", lack="it needs A_KEY"), backends={"oracle": "remote"})


async def test_embedded_asks_no_service(ask):
    service = Service("a")
    assert (await ask(service, backends={"oracle": "embedded"})).backend == "notes"
    assert not service.asked


async def test_an_answer_is_kept_for_a_while(ask, calls):
    service = Service("a")
    first, second = await ask(service), await ask(service)
    assert first.items == second.items
    assert [call.outcome for call in calls] == ["answered", "kept"]
    await ask(service, query="another")
    await ask(service, cache=False)
    await ask(service, cache_seconds=0)
    assert len(service.asked) == 4


async def test_a_fault_is_not_kept(ask):
    service = Service("a", "key")
    assert (await ask(service)).backend == "notes"
    assert (await ask(service)).backend == "a"


async def test_a_wrong_question_is_nobody_elses_fault(ask, calls):
    with pytest.raises(ToolError, match="no question"):
        await ask(query="nonsense")
    assert [call.outcome for call in calls] == ["refused"]


@given(st.integers(1, 5), st.lists(st.floats(0, 40), max_size=30))
def test_no_minute_holds_more_than_is_allowed(per_minute, gaps):
    pace._sent.clear()
    now, sent = 0.0, list[float]()
    for gap in gaps:
        now += gap
        sent.append(now + pace._booked("s", per_minute, now))
    for place, moment in enumerate(sent[per_minute:]):
        assert moment - sent[place] >= 60 - 1e-6


def test_the_pace_holds_over_the_loops_of_many_threads():
    booked: list[float] = []
    threads = [threading.Thread(target=lambda: booked.append(pace._booked("s", 2, 0.0))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(booked) == [0, 0, 60, 60, 120, 120]


@pytest.mark.parametrize(("value", "seconds"), [("7", 7), ("", None), (None, None), ("soon", None), ("-3", None)])
def test_retry_after_in_seconds(value, seconds):
    assert retry_after(value) == seconds


def test_retry_after_as_a_date():
    assert retry_after(formatdate(time.time() + 30, usegmt=True)) == pytest.approx(30, abs=2)
    assert retry_after(formatdate(time.time() - 30, usegmt=True)) == 0


def test_what_may_leave_the_machine(monkeypatch):
    """Nothing without a key or an address that the user set, or ``web``; offline nothing but this machine."""
    monkeypatch.delenv("ORACLE_KEY", raising=False)

    def lacking(**given: Any) -> str:
        settings = Settings(**{name: given.pop(name) for name in ("web", "offline") if name in given})
        return permission.lacking(settings, key="ORACLE_KEY", **given)

    assert lacking() == "it needs ORACLE_KEY"
    assert lacking(web=True) == "it needs ORACLE_KEY"
    assert lacking(keyless=True) == "it needs ORACLE_KEY, or --web"
    assert lacking(keyless=True, web=True) == ""
    assert lacking(address="https://oracle.example.org") == ""
    assert lacking(address="https://oracle.example.org", offline=True) == permission.OFFLINE
    assert lacking(address="http://127.0.0.1:9", offline=True) == ""
    monkeypatch.setenv("ORACLE_KEY", "k")
    assert lacking() == ""
    assert lacking(offline=True, web=True) == permission.OFFLINE
    assert lacking(extra="oracle:no_such_module").startswith("it needs its client: pip install 'nonet[oracle]'")


@pytest.mark.parametrize("host", ["127.0.0.1.example.org", "localhost.example.org", "10.0.0.1", "example.org"])
def test_only_this_machine_is_this_machine(host):
    assert not permission.loopback(f"http://{host}:80")
    assert permission.loopback("http://[::1]:80")

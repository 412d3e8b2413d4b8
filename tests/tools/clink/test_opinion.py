"""One seat asked: what passes is asked again, what does not fit goes back once, and a seat that fails stops nobody."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field

from nonet.providers import retrying
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings, SeatSettings, Settings
from nonet.testing import FakeProvider, Fault
from nonet.tools.clink import opinion
from nonet.tools.clink.opinion import Opinion
from nonet.tools.clink.seat import ROLES, seats

FAMILIES = {"openai": "openai", "anthropic": "anthropic", "gemini": "google_genai"}


class Verdict(BaseModel):
    """What it comes to."""

    winner: str = Field(description="Which.")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    monkeypatch.setenv("A_KEY", "k")


def reached(**fakes: FakeProvider) -> Settings:
    providers = {
        name: ProviderSettings(model=f"{FAMILIES[name]}:some", base_url=fake.base_url, key="A_KEY", seconds=20)
        for name, fake in fakes.items()
    }
    return Settings(providers=providers, seats=tuple(SeatSettings(provider=name) for name in fakes))


async def asked(settings: Settings, check=None, spending: Spending | None = None) -> Opinion[Verdict]:
    (seat,) = seats(settings)
    return await opinion.ask(seat, "Which?", Verdict, settings, spending or Spending(), step="consult", check=check)


@pytest.mark.parametrize("name", FAMILIES)
async def test_an_answer_in_its_schema(name):
    with FakeProvider(name, [{"winner": "b"}]) as fake:
        found = await asked(reached(**{name: fake}))
        assert (found.answer, found.fault, found.repaired) == (Verdict(winner="b"), "", False)
        assert fake.questions[0].system == ROLES[FAMILIES[name]]


@pytest.mark.parametrize("name", FAMILIES)
async def test_what_does_not_fit_goes_back_once_with_what_is_wrong(name):
    with FakeProvider(name, [Fault("wrong_schema"), {"winner": "b"}]) as fake:
        found = await asked(reached(**{name: fake}))
        assert (found.answer, found.repaired) == (Verdict(winner="b"), True)
        assert "winner: Field required" in fake.questions[1].text
    with FakeProvider(name, [Fault("wrong_schema")]) as fake:
        found = await asked(reached(**{name: fake}))
        assert (found.answer, found.fault, len(fake.questions)) == (None, "invalid", 2)


async def test_a_check_of_ones_own_goes_back_too():
    with FakeProvider("openai", [{"winner": "z"}, {"winner": "a"}]) as fake:
        found = await asked(
            reached(openai=fake), lambda answer: "" if answer.winner in "ab" else f"{answer.winner!r} is no option."
        )
        assert found.answer == Verdict(winner="a")
        assert "'z' is no option." in fake.questions[1].text


@pytest.mark.parametrize("kind", ["limit", "server", "half"])
async def test_what_passes_is_asked_again(kind):
    with FakeProvider("openai", [Fault(kind, retry_after=0), Fault(kind, retry_after=0), {"winner": "b"}]) as fake:
        found = await asked(reached(openai=fake))
        assert (found.answer, len(fake.questions)) == (Verdict(winner="b"), 3)


@pytest.mark.parametrize(
    ("kind", "fault", "times"),
    [("server", "unavailable", 3), ("key", "key", 1), ("refusal", "refused", 1), ("too_long", "too_long", 1)],
)
async def test_a_seat_that_fails_says_why(kind, fault, times):
    with FakeProvider("openai", [Fault(kind, retry_after=0)]) as fake:
        found = await asked(reached(openai=fake))
        assert (found.answer, found.fault, len(fake.questions)) == (None, fault, times)
        assert found.said


async def test_a_seat_without_its_key_is_absent(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = await asked(Settings(seats=(SeatSettings(provider="openai:some"),)))
    assert (found.fault, found.said) == ("absent", "openai:some: it needs OPENAI_API_KEY")


async def test_a_limit_that_stands_is_told():
    with FakeProvider("openai", [{"winner": "b"}]) as fake:
        found = await asked(reached(openai=fake), spending=Spending(max_tokens=10))
        assert (found.fault, fake.questions) == ("spent", [])


async def test_a_megabyte_of_answer_is_refused():
    with FakeProvider("openai", [{"winner": "b" * 1_000_000}]) as fake:
        found = await asked(reached(openai=fake))
        assert found.fault == "invalid"


def test_seats_are_those_of_the_settings_or_the_agents_model():
    assert seats(Settings()) == []
    assert [seat.name for seat in seats(Settings(model="openai:some"))] == ["openai:some"]
    two = Settings(seats=(SeatSettings(provider="openai:a"), SeatSettings(provider="openai:a", stance="against")))
    first, second = seats(two)
    assert (first.name, second.name) == ("openai:a", "openai:a-2")
    assert second.role.startswith(first.role)
    assert "against" in second.role

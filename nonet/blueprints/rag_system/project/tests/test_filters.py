import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.errors import FilterError
from rag.filters import Condition, parse
from rag.system import System


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("year>=2020", Condition("year", ">=", ("2020",))),
        (" year  <= 2020 ", Condition("year", "<=", ("2020",))),
        ("year<2020", Condition("year", "<", ("2020",))),
        ("year > -1.5", Condition("year", ">", ("-1.5",))),
        ("folder=guides/admin", Condition("folder", "=", ("guides/admin",))),
        ("kind == pdf", Condition("kind", "=", ("pdf",))),
        ("kind!=pdf", Condition("kind", "!=", ("pdf",))),
        ("kind in (markdown, pdf)", Condition("kind", "in", ("markdown", "pdf"))),
        ("kind in(pdf)", Condition("kind", "in", ("pdf",))),
        ('title="Why, and how?"', Condition("title", "=", ("Why, and how?",))),
        ("title in ('a, b', \"c)\", d)", Condition("title", "in", ("a, b", "c)", "d"))),
        ("title=''", Condition("title", "=", ("",))),
        ("main-version>=2", Condition("main-version", ">=", ("2",))),
    ],
)
def test_conditions_are_read(text: str, condition: Condition):
    assert parse(text) == condition
    assert parse(str(condition)) == condition


@pytest.mark.parametrize(
    "text", ["", "year", "=3", "year>=", "kind in ()", "kind in (a,,b)", "kind=a,b", 'a="b"c', "a b=c"]
)
def test_what_is_no_condition_is_refused_in_one_line(text: str):
    with pytest.raises(FilterError) as error:
        parse(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("x=2", 2.0, True),
        ("x=2", "2.0", True),
        ("x=2", "two", False),
        ("x!=2", None, True),
        ("x=2", None, False),
        ("x<2", None, False),
        ("x<10", 9.0, True),
        ("x<10", "9", True),
        ("x>=10", 10.0, True),
        ("x>10", 10.0, False),
        ("x<=10", "nine", False),
        ("x>=b", "c", True),
        ("x>=2024", "2024-03-01", True),
        ("x>2024", "2024-03-01", False),
        ("x<=2024-03", "2024-03-01", True),
        ("x=2024-03", "2024-03-01", True),
        ("x=2024-04", "2024-03-01", False),
        ("x=true", True, True),
        ("x=true", False, False),
        ("x=1", True, False),
        ("x in (a, b)", "b", True),
        ("x in (a, b)", "c", False),
        ("x=nan", float("nan"), True),
        ("folder=guides", "guides", True),
        ("folder=guides/", "guides/admin", True),
        ("folder=guides", "guidesmore", False),
        ("folder!=guides", "guides/admin", False),
        ("modified>=2024-03", datetime(2024, 3, 1, tzinfo=UTC).timestamp(), True),
        ("modified<2024-03-01", datetime(2024, 3, 1, tzinfo=UTC).timestamp(), False),
        ("modified=2024", datetime(2024, 3, 1, tzinfo=UTC).timestamp(), True),
        ("modified>1700000000", datetime(2024, 3, 1, tzinfo=UTC).timestamp(), True),
    ],
)
def test_what_meets_a_condition(text: str, value: object, met: bool):
    assert parse(text).meets(value) is met


@pytest.fixture
def system(built: Callable[..., System], corpus: Path) -> System:
    (corpus / "old.md").write_text("---\nyear: 2015\n---\n# Old backups\n\nRestore a backup from tape.\n")
    (corpus / "new.md").write_text("---\nyear: 2023\n---\n# New backups\n\nRestore a backup from disk.\n")
    os.utime(corpus / "notes.txt", (0, 0))
    return built()


def docs(system: System, *where: str) -> set[str]:
    return {doc for doc, _ in system.search("restore a backup", [parse(text) for text in where]).docs}


def test_only_documents_that_meet_every_condition_are_found(system: System):
    everything = docs(system)
    assert len(everything) == 8
    assert docs(system, "year>=2020") == {"new.md"}
    assert docs(system, "year!=2015") == everything - {"old.md"}
    assert docs(system, "folder=guide") == {"guide/install.md", "guide/backup.md", "guide/users.md"}
    assert docs(system, "kind in (html, code)") == {"faq.html", "api.py"}
    assert docs(system, "suffix=.md", "year<2020") == {"old.md"}
    assert docs(system, "id=notes.txt") == {"notes.txt"}
    assert docs(system, "modified<1971") == {"notes.txt"}
    assert docs(system, "title='Old backups'") == {"old.md"}
    assert docs(system, "year>=3000") == set()


def test_answers_come_from_those_documents_alone(system: System):
    answer = system.ask("How do I restore a backup?", where=[parse("year>=2020")])
    assert [source["doc"] for source in answer.sources] == ["new.md"]
    assert "disk" in answer.answer
    assert "Nothing in the documents" in system.ask("How do I restore a backup?", where=[parse("year>3000")]).answer


def test_an_unknown_field_is_refused_with_those_known(system: System):
    with pytest.raises(FilterError, match=r"'yeer'.*folder, id, kind, modified, path, suffix, title, year") as error:
        docs(system, "yeer>=2020")
    assert "\n" not in str(error.value)

"""The report says what the files say, all of it, whoever wrote the words in them."""

import importlib.util
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from nonet.graphs.steps.report import report
from nonet.graphs.steps.reporting import write
from nonet.graphs.steps.reporting.numbers import number
from nonet.state import State
from nonet.trials.contract import Metric, Objective, Second

_SPEC = importlib.util.spec_from_file_location("run_folder", Path(__file__).with_name("run_folder.py"))
assert _SPEC
assert _SPEC.loader
folder = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(folder)

SECTIONS = (
    "Summary", "The request, clause by clause", "Decision", "Claim on the holdout", "The winner beside the baseline",
    "Targets", "Pareto set", "Every candidate", "Opinions and dissent", "Error analysis", "Computational cost",
    "Data requirements", "Business impact", "Evidence", "What was not measured", "How it was measured",
    "Assumptions and notes", "Integrity and reproduction",
)  # fmt: skip
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> ](javascript:alert(1)) | `a` **b** \u202e\n# head "


class Page(HTMLParser):
    """What a browser would find on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def written(path: Path, **options: Any) -> tuple[Any, str, str]:
    desk = folder.make(path / "run-1", **options)
    write(desk, folder.NOTES)
    return desk, (desk.folder / "report.md").read_text(), (desk.folder / "report.html").read_text()


def section(markdown: str, heading: str) -> str:
    return markdown.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def rendered(markdown: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)


CASES: dict[str, Mapping[str, Any]] = {
    "plain": {},
    "failing": {"failing": True},
    "no holdout": {"sealed": False, "units": 40},
    "no targets": {"wanted": ()},
    "time-bound": {"bound": "time", "failing": True},
    "stopped": {"bound": "signal", "failing": True, "timed": False},
    "isolation none": {"isolation": "none"},
    "nulls": {"timed": False},
    "baseline alone": {"winner_only": True},
    "all miss": {"wanted": ("hit>0.99",)},
}


@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
def test_every_section_stands_in_both_and_the_pictures_are_drawn(tmp_path: Path, options: Mapping[str, Any]) -> None:
    desk, markdown, page = written(tmp_path, **options)
    assert tuple(re.findall(r"^## (.+)$", markdown, re.M)) == SECTIONS
    assert tuple(re.findall(r"<h2>(.+?)</h2>", page)) == SECTIONS
    linked = re.findall(r"\]\((report/[\w-]+\.svg)\)", markdown)
    assert len(linked) == page.count("<figure>")
    assert len(linked) >= (0 if options.get("winner_only") else 2)
    for name in linked:
        ElementTree.parse(desk.folder / name)
    assert not re.search(r"\b(nan|None|inf)\b", Page(page).text)


def test_the_numbers_are_those_of_the_files(tmp_path: Path) -> None:
    desk, markdown, _ = written(tmp_path, failing=True)
    decided, delivered = (folder.read(desk, name) for name in ("decision.json", "delivery.json"))
    beside = section(markdown, "The winner beside the baseline")
    for metric in folder.METRICS:
        row = next(line for line in beside.splitlines() if line.strip("| *").startswith(metric.name))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        sources = (decided["metrics"], decided["baseline"]["metrics"], *delivered["holdout_metrics"].values())
        for cell, source in zip(cells[2:], sources, strict=True):
            found = source[metric.name]
            assert cell.startswith(number(found["value"], metric.unit))
            if metric.source != "resource":
                assert f"{number(found['low'])}, {number(found['high'])}" in cell
    claim, said = delivered["holdout"], section(markdown, "Claim on the holdout")
    assert number(claim["difference"]["value"], sign=True) in said
    assert number(claim["smallest_shown"]) in said
    assert "α = 0.8333 %" in said
    assert "opened 2 times" in said
    assert decided["decision"]["reason"].split(":")[0] in section(markdown, "Summary")
    rows = [line for line in section(markdown, "Every candidate").splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(decided["candidates"])
    for row in decided["candidates"]:
        assert any(row["key"][:8] in line and f"| {row['measured']} |" in line for line in rows)


def test_text_from_data_is_never_markup(tmp_path: Path) -> None:
    desk, markdown, page = written(tmp_path, failing=True, hostile=HOSTILE, tests_pass=False, values={HOSTILE: HOSTILE})
    for text in (page, rendered(markdown), *((desk.folder / "report").glob("*.svg"))):
        found = Page(text.read_text() if isinstance(text, Path) else text)
        assert not {"script", "iframe", "object", "embed", "form", "base", "link"} & {tag for tag, _ in found.tags}
        for tag, attributes in found.tags:
            assert not any(name.startswith("on") for name in attributes)
            assert not str(attributes.get("href") or "").strip().lower().startswith("javascript")
            assert tag != "img" or str(attributes["src"]).startswith("report/")
        assert "\u202e" not in " ".join(found.words)
    assert "<script>alert(1)</script>" in Page(page).text
    assert "<script>alert(1)</script>" in Page(rendered(markdown)).text
    assert tuple(re.findall(r"<h2>(.+?)</h2>", rendered(markdown))) == SECTIONS
    assert "<h1>head" not in rendered(markdown)


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    _, _, page = written(tmp_path)
    for _, attributes in Page(page).tags:
        assert not {"src", "srcset", "data", "poster", "action", "xlink:href"} & set(attributes)
    assert not re.search(r"url\(|@import", page)
    assert "default-src 'none'" in page
    addresses = {href for tag, a in Page(page).tags if tag == "a" and not (href := str(a["href"])).startswith("#")}
    assert addresses == {"https://example.org/spark"}


def test_a_reader_cannot_miss_what_weakens_the_numbers(tmp_path: Path) -> None:
    _, markdown, page = written(
        tmp_path, isolation="none", bound="time", failing=True, wanted=("hit>0.99",), tests_pass=False
    )
    opening = markdown.split("## Summary")[0]
    for said in (
        "Isolation: none",
        "Decided by the clock",
        "width 4096",
        "No candidate meets every target",
        "tests failed",
    ):
        assert said in opening
        assert said in Page(page).text.split("What ships:")[0]
    assert "1 failed, 8 passed" in section(markdown, "Integrity and reproduction")
    _, calm, _ = written(tmp_path / "calm")
    assert "Warning" not in calm.split("## Summary")[0]


def test_without_a_holdout_nothing_is_claimed(tmp_path: Path) -> None:
    _, markdown, _ = written(tmp_path, sealed=False, units=40)
    assert "**Claim:** nothing is claimed. With 40 units" in markdown
    assert "at least 50 units" in section(markdown, "Data requirements")
    assert "nothing sealed" in section(markdown, "Targets")


def test_every_clause_of_the_request_is_answered(tmp_path: Path) -> None:
    _, markdown, _ = written(tmp_path, wanted=("p95_latency_ms<40", "hit>=0.7"))
    clauses = section(markdown, "The request, clause by clause")
    for clause, outcome in (
        ("p95_latency_ms<40", "met"), ("| trees", "measured"), ("| Spark", "not measured"),
        ("tickets = tickets.jsonl", "done"),
        ("| research", "done"), ("| read_guides", "not done"),
    ):  # fmt: skip
        assert f"**{outcome}**" in next(line for line in clauses.splitlines() if clause in line)
    assert "a running Spark cluster" in clauses


def test_a_tool_that_found_nothing_has_answered(tmp_path: Path) -> None:
    desk = folder.make(tmp_path / "run")
    notes = [
        "inspected: semgrep_scan: Files scanned: 3; found: nothing.",
        "inspected: semgrep_scan {} failed: the file is gone.",
        "logs: no folder was given.",
        "research: tavily-search: 2 results were left out.",
        "scanned: semgrep_scan: Files scanned: 3; found: nothing.",
    ]
    write(desk, notes)
    text = section((desk.folder / "report.md").read_text(encoding="utf-8"), "The request, clause by clause")
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if " | step | " in line}
    outcomes = {step: line.split(" | ")[2].strip("*") for step, line in rows.items()}
    assert outcomes["scanned"] == outcomes["research"] == "done"
    assert outcomes["inspected"] == "in part"
    assert outcomes["logs"] == "not done"
    assert "2 results were left out" in rows["research"]


@pytest.mark.parametrize(("model", "backend"), [("playbook", "tavily"), ("openai:gpt", "ripgrep")])
def test_no_paid_call_is_said_only_where_it_is_so(tmp_path: Path, model: str, backend: str) -> None:
    _, markdown, _ = written(tmp_path / "a")
    assert "no paid call was made" in markdown
    _, markdown, _ = written(tmp_path / "b", model=model, backend=backend)
    assert "no paid call was made" not in markdown
    assert (model if model != "playbook" else backend) in section(markdown, "Computational cost")


def test_impact_is_computed_from_what_the_user_gave(tmp_path: Path) -> None:
    _, markdown, _ = written(tmp_path / "a")
    assert "not given" in section(markdown, "Business impact")
    assert "values:" in section(markdown, "Business impact")
    desk, markdown, _ = written(tmp_path / "b", values={"hit": "2 EUR", "model_bytes": "3 EUR", "nothing": "1 EUR"})
    said, claim = section(markdown, "Business impact"), folder.read(desk, "delivery.json")["holdout"]
    assert f"{claim['difference']['value'] * 2000:+,.2f}" in said.replace("\\", "")
    decided = folder.read(desk, "decision.json")
    grown = decided["metrics"]["model_bytes"]["value"] - decided["baseline"]["metrics"]["model_bytes"]["value"]
    assert f"−{3 * grown:,.2f} EUR" in said
    assert "no metric has this name" in next(line for line in said.splitlines() if "nothing" in line)


def test_dissent_is_held_against_the_measurement(tmp_path: Path) -> None:
    desk, markdown, _ = written(tmp_path)
    said, decided = section(markdown, "Opinions and dissent"), folder.read(desk, "decision.json")
    for seat in decided["seats"]:
        row = next(line for line in said.splitlines() if line.startswith(f"| {seat['seat']} | {seat['nominated']} |"))
        assert ("**right**" in row) == seat["nominated_winner"]
        assert seat["best"] or "none of its designs was measured" in row


def test_evidence_says_what_used_it(tmp_path: Path) -> None:
    _, markdown, _ = written(tmp_path)
    said = section(markdown, "Evidence").splitlines()
    assert "nominating" in next(line for line in said if line.startswith("| `app/tickets.py:41`"))
    assert "excluding Spark" in next(line for line in said if "example.org/spark" in line)
    assert "changed no nomination" in next(line for line in said if "javascript" in line)


def test_who_was_asked_is_told(tmp_path: Path) -> None:
    _, markdown, _ = written(tmp_path)
    said = section(markdown, "Evidence")
    (row,) = [line for line in said.splitlines() if "tavily (a service)" in line]
    assert [cell.strip() for cell in row.split("|")[3:7]] == ["3", "1 × limit", "0.8", "3,600"]
    assert "Services were asked" in said


def test_a_run_that_asked_no_service_says_so(tmp_path: Path) -> None:
    desk = folder.make(tmp_path / "run-1")
    rows = [row | {"remote": False, "outcome": "answered"} for row in desk.rows("calls.jsonl")]
    (desk.folder / "calls.jsonl").unlink()
    desk.append("calls.jsonl", rows)
    write(desk, [])
    assert "No question left this machine." in section((desk.folder / "report.md").read_text(), "Evidence")


async def test_the_step_keeps_the_notes_and_writes_the_report(tmp_path: Path) -> None:
    desk = folder.make(tmp_path / "run-1")
    await report(desk, State(notes=["one", "two"]))
    assert json.loads((desk.folder / "notes.json").read_text()) == ["one", "two"]
    assert "- two" in section((desk.folder / "report.md").read_text(), "Assumptions and notes")


def test_a_run_that_was_not_delivered_still_has_a_report(tmp_path: Path) -> None:
    desk = folder.make(tmp_path / "run-1")
    for name in ("delivery.json", "integrity.json", "pattern.json", "spent.jsonl", "evidence.jsonl", "proposal.json"):
        (desk.folder / name).unlink()
    write(desk, [])
    assert tuple(re.findall(r"^## (.+)$", (desk.folder / "report.md").read_text(), re.M)) == SECTIONS


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(0.738, "", "0.7380"), (-0.0123, "", "−0.0123"), (0, "", "0.0000"),
     (0.00001234, "", "1.2e-05"), (12.345, "ms", "12.35 ms"),
     (1482113, "bytes", "1.482 MB"), (600, "bytes", "600 bytes"),
     (3e9, "", "3 billion"), (1234, "tokens", "1,234 tokens")],
)  # fmt: skip
def test_numbers_keep_the_digits_that_matter(value: float, unit: str, shown: str) -> None:
    assert number(value, unit) == shown


def test_labels_of_two_kinds_are_shown_apart(tmp_path: Path) -> None:
    desk = folder.make(tmp_path / "run-1", sealed=False)
    decided = folder.read(desk, "decision.json")
    winner, baseline = decided["decision"]["winner"], decided["baseline"]["candidate"]
    decided["labels"] = [{"kind": kind, "selection": n, "holdout": 0} for kind, n in (("given", 17), ("made", 223))]
    decided["by_kind"] = {
        kind: {
            key: {"hit": {"value": value, "low": value - 0.01, "high": value + 0.01, "n": 1}}
            for key in (winner, baseline)
        }
        for kind, value in (("given", 0.4321), ("made", 0.8765))
    }
    for place, row in enumerate(decided["errors"]):
        row["kind"] = ("given", "made")[place % 2]
    desk.write("decision.json", decided)
    write(desk, folder.NOTES)
    markdown = (desk.folder / "report.md").read_text()
    beside = section(markdown, "The winner beside the baseline")
    for kind, count, value in (("given", 17, 0.4321), ("made", 223, 0.8765)):
        row = next(line for line in beside.splitlines() if line.startswith(f"| hit | {kind} | {count} |"))
        assert row.count(number(value)) == 2
    assert "With 17 given units nothing was sealed" in section(markdown, "Claim on the holdout")
    assert "at least 50 given units" in section(markdown, "Data requirements")
    errors = section(markdown, "Error analysis")
    assert re.search(r"\| `ticket-\d+` \| given \|", errors)
    assert re.search(r"\| `ticket-\d+` \| made \|", errors)


def test_a_pool_and_what_is_decided_second_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder.Routing, "second", Second(("width",), Objective("hit", "operations")))
    desk = folder.make(tmp_path / "run-1")
    decided = folder.read(desk, "decision.json")
    gone = next(row for row in decided["candidates"] if row["key"] != decided["decision"]["winner"])
    gone |= {"screened": 30, "measured": 0, "dropped": "behind the better half after 30 units"}
    decided["pool"] = {"units": 30, "share": 0.2, "finalists": 4}
    decided["second"] = decided["decision"]
    desk.write("decision.json", decided)
    write(desk, folder.NOTES)
    markdown = (desk.folder / "report.md").read_text()
    second = section(markdown, "Decided second")
    assert "width were decided by hit at the cost of operations" in second
    assert second.count("| width ") + second.count("**width ") == len(decided["decision"]["comparisons"])
    assert "up to 30 units, were run on a pool" in section(markdown, "How it was measured")
    every = section(markdown, "Every candidate")
    assert "Units screened" in every
    assert re.search(rf"{gone['key'][:8]}.*\| 30 \| 0 \| dropped: behind the better half", every)
    decided["second"] = None
    desk.write("decision.json", decided)
    write(desk, folder.NOTES)
    assert "width stay as they were" in section((desk.folder / "report.md").read_text(), "Decided second")


def test_what_needs_a_judge_says_so_wherever_it_is_named(tmp_path: Path) -> None:
    judged = Metric("faithfulness", "maximise", "share of supported statements", source="judge", needs="a judge")
    desk = folder.make(tmp_path / "run-1", wanted=("hit>=0.7",))
    desk.blueprint.metrics = (*folder.METRICS, judged)
    decided = folder.read(desk, "decision.json")
    decided["metrics"]["faithfulness"] = decided["baseline"]["metrics"]["faithfulness"] = None
    blank = dict.fromkeys(("measured", "low", "high", "met", "holdout"))
    decided["targets"].append({"name": "faithfulness>0.9", "wanted": 0.9, **blank})
    desk.write("decision.json", decided)
    desk.write("delivery.json", {**folder.read(desk, "delivery.json"), "targets": decided["targets"]})
    write(desk, folder.NOTES)
    markdown = (desk.folder / "report.md").read_text()
    for heading in ("The winner beside the baseline", "Targets"):
        row = next(line for line in section(markdown, heading).splitlines() if "faithfulness" in line)
        assert "needs a judge" in row
    assert "faithfulness" not in section(markdown, "Computational cost")

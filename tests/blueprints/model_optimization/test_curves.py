"""Training logs of a folder become evidence, and the evidence one picture that ships."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from nonet.agents.log_reader import log_reader
from nonet.agents.specialist import Task
from nonet.blueprints.model_optimization import curves, existing
from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.state import Evidence
from nonet.tools.contract import ToolContext

SVG = "{http://www.w3.org/2000/svg}"


def _evidence(items: list[tuple[str, str, dict[str, object]]]) -> list[Evidence]:
    return [
        Evidence.model_validate(
            {
                "id": f"E{place}", "step": existing.LOGS, "tool": "read_file", "backend": "filesystem",
                "reference": reference, "title": reference, "excerpt": excerpt, "facts": facts,
            }
        )
        for place, (reference, excerpt, facts) in enumerate(items)
    ]  # fmt: skip


LOSS = ("a.csv", "loss, step and value:\n0 2.0\n1 1.0\n2 0.5\n3 nan", {"kind": "series", "metric": "loss"})
WORSE = (
    "a.csv", "val_loss, step and value:\n0 2.0\n1 1.5\n2 1.9",
    {"kind": "series", "metric": "val_loss", "diverges_from_step": 1},
)  # fmt: skip
LOG = (
    "a.csv",
    "CSV: 2 metrics",
    {"kind": "training log", "overfits": True, "overfits_from_step": 1, "overfitting": ["val_loss"]},
)


def test_every_series_is_drawn_once_with_what_is_wrong_marked(tmp_path: Path) -> None:
    evidence = _evidence([LOG, LOSS, WORSE, LOSS])
    rows = "".join(item.model_dump_json() + "\n" for item in evidence)
    (tmp_path / "evidence.jsonl").write_text(rows, encoding="utf-8")
    picture = ET.fromstring(curves.drawn(tmp_path)[curves.FILE])
    lines = [each.attrib["points"].split() for each in picture.iter(f"{SVG}polyline")]
    assert [len(line) for line in lines] == [3, 3]
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert texts.count("loss") == texts.count("val_loss") == 1
    assert "diverges from step 1" in texts
    assert "overfits from step 1" in texts


async def test_a_log_as_the_log_reader_reads_it_is_drawn_and_told(
    tmp_path: Path, context: Callable[..., ToolContext]
) -> None:
    rows = "".join(f"{epoch},{1 / (epoch + 1)},{0.4 + abs(epoch - 8) * 0.03}\n" for epoch in range(20))
    (tmp_path / "training_log.csv").write_text("epoch,loss,val_loss\n" + rows)
    found = (await log_reader.run(Task(existing.LOGS, "faster"), context(tmp_path))).evidence
    both = list(curves.curves(found))
    assert {each.metric: [said for _, said in each.marks] for each in both} == {
        "loss": [],
        "val_loss": ["overfits from step 8"],
    }
    assert [len(each.points) for each in both] == [20, 20]
    told = [each.text for each in existing.findings(found, Inputs(model="m.onnx", examples="x.npz"))]
    assert any("overfits from step 8" in text for text in told)


def test_nothing_is_drawn_where_no_log_was_read(tmp_path: Path) -> None:
    assert curves.drawn(tmp_path) == {}
    (tmp_path / "evidence.jsonl").write_text(_evidence([LOG])[0].model_dump_json() + "\n", encoding="utf-8")
    assert curves.drawn(tmp_path) == {}


def test_names_from_logs_are_text_and_no_markup() -> None:
    hostile = ("<x>.csv", "m, step and value:\n0 1\n1 2", {"kind": "series", "metric": "</text><script>"})
    picture = ET.fromstring(curves.picture(list(curves.curves(_evidence([hostile])))))
    assert [each.tag for each in picture.iter() if "script" in each.tag] == []


@pytest.mark.parametrize("step", [existing.CODE, existing.INSPECTION])
def test_evidence_of_other_steps_is_no_log(step: str) -> None:
    item = _evidence([LOSS])[0].model_copy(update={"step": step})
    assert list(curves.curves([item])) == []

from __future__ import annotations

import json
import math
import sqlite3
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimization import logs
from optimization.logs.series import Series, ordered, trend
from optimization.logs.tensorboard import masked_crc32c


def _varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def _scalar(tag: str, step: int, value: float, as_tensor: bool) -> bytes:
    """An event as SummaryWriter.add_scalar writes it: the old form, or a tensor of rank 0 marked by its plugin."""
    if as_tensor:
        tensor = b"\x08\x01" + _field(2, b"") + b"\x2d" + struct.pack("<f", value)
        content = _field(1, tag.encode()) + _field(9, _field(1, _field(1, b"scalars"))) + _field(8, tensor)
    else:
        content = _field(1, tag.encode()) + b"\x15" + struct.pack("<f", value)
    event = b"\x09" + struct.pack("<d", 1e9 + step) + b"\x10" + _varint(step) + _field(5, _field(1, content))
    return _record(event)


def _events(folder: Path, tag: str, values: list[float], as_tensor: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "events.out.tfevents.1700000000.host.1.0"
    head = _record(b"\x09" + struct.pack("<d", 1e9) + _field(3, b"brain.Event:2"))
    path.write_bytes(head + b"".join(_scalar(tag, step, value, as_tensor) for step, value in enumerate(values)))
    return path


def test_checksum_is_the_one_of_the_standard() -> None:
    # RFC 3720, B.4: the CRC-32C of 32 zero bytes is 0x8a9136aa.
    crc = 0x8A9136AA
    assert masked_crc32c(bytes(32)) == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@pytest.mark.parametrize("as_tensor", [False, True])
def test_tensorboard_scalars_of_both_forms(tmp_path: Path, as_tensor: bool) -> None:
    _events(tmp_path / "run", "loss/train", [4.0, 2.0, 1.0], as_tensor)
    (found,) = logs.read(tmp_path)
    assert (found.name, list(found.steps), list(found.values)) == ("loss/train", [0, 1, 2], [4.0, 2.0, 1.0])
    assert found.best == (2, 1.0)


def test_events_that_are_being_written_end_early_and_broken_ones_are_named(tmp_path: Path) -> None:
    path = _events(tmp_path, "loss", [3.0, 2.0])
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert list(logs.read(tmp_path)[0].values) == [3.0]
    path.write_bytes(whole[:-10] + b"\xff" + whole[-9:])
    with pytest.raises(logs.LogsError, match="does not have its checksum"):
        logs.read(tmp_path)


def test_train_and_validation_folders_of_tensorboard_are_one_run(tmp_path: Path) -> None:
    _events(tmp_path / "run/train", "epoch_loss", [3.0, 2.0, 1.5, 1.0, 0.7, 0.5, 0.4, 0.3])
    _events(tmp_path / "run/validation", "epoch_loss", [3.1, 2.5, 2.2, 2.4, 2.7, 2.9, 3.1, 3.4])
    (found,) = logs.overfitting(logs.read(tmp_path))
    assert (found.measure, found.step) == ("loss", 2)


def test_csv_tells_overfitting_and_the_findings_say_where(tmp_path: Path) -> None:
    rows = [(1, 2.0, 2.1), (2, 1.5, 1.8), (3, 1.2, 1.6), (4, 0.9, 1.7), (5, 0.7, 1.9), (6, 0.5, 2.1), (7, 0.4, 2.3)]
    text = "epoch,loss,val_loss,lr\n" + "".join(f"{e},{a},{b},0.001\n" for e, a, b in rows)
    (tmp_path / "training.csv").write_text(text)
    found = logs.read(tmp_path)
    assert {each.name for each in found} == {"loss", "val_loss", "lr"}
    (line,) = logs.findings(found)
    assert "val_loss is best at step 3" in line
    assert logs.findings([each for each in found if each.name != "loss"]) == []


def test_lightning_writes_blanks_for_what_a_row_does_not_have(tmp_path: Path) -> None:
    text = "epoch,step,train_loss,val_acc\n0,9,1.5,\n0,19,1.2,\n0,19,,0.6\n1,29,1.0,\n1,39,,0.7\n"
    (tmp_path / "metrics.csv").write_text(text)
    found = {each.name: each for each in logs.read(tmp_path)}
    assert list(found["train_loss"].steps) == [9, 19, 29]
    assert found["val_acc"].best == (39, 0.7)


def test_jsonl_and_trainer_state(tmp_path: Path) -> None:
    lines = [json.dumps({"step": step, "train": {"loss": 1 / (step + 1)}}) for step in range(6)]
    (tmp_path / "log.jsonl").write_text("\n".join(lines) + '\n{"step": 6, "tra')
    history = [{"step": 10, "loss": 2.0}, {"step": 20, "loss": 1.0}, {"step": 20, "eval_loss": 1.5}]
    (tmp_path / "trainer_state.json").write_text(json.dumps({"log_history": history, "global_step": 20}))
    found = {each.name: each for each in logs.read(tmp_path)}
    assert found["train.loss"].trend == "falling"
    assert list(found["train.loss"].steps) == [0, 1, 2, 3, 4, 5]
    assert list(found["loss"].values) == [2.0, 1.0]
    assert list(found["eval_loss"].steps) == [20]


def test_other_data_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,age\nAnn,31\nBob,40\n")
    (tmp_path / "config.json").write_text('{"layers": [1, 2], "name": "x"}')
    (tmp_path / "texts.jsonl").write_text('{"text": "a"}\n{"text": "b"}\n')
    assert logs.read(tmp_path) == []
    with pytest.raises(logs.LogsError, match="no such folder"):
        logs.read(tmp_path / "absent")


def test_mlflow_folder_and_database_agree(tmp_path: Path) -> None:
    run = tmp_path / "store/0/abc"
    (run / "metrics/val").mkdir(parents=True)
    (run / "meta.yaml").write_text("artifact_uri: x\nrun_id: abc\nrun_name: first\n")
    (run / "metrics/val/loss").write_text("1700 2.0 0\n1701 nan 1\n1702 0.5 2\n")
    database = sqlite3.connect(tmp_path / "mlflow.db")
    database.executescript(
        """CREATE TABLE runs (run_uuid TEXT, name TEXT, start_time INTEGER, lifecycle_stage TEXT);
        CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT, step INTEGER, is_nan INTEGER);
        INSERT INTO runs VALUES ('abc', 'first', 1, 'active'), ('gone', 'old', 2, 'deleted');
        INSERT INTO metrics VALUES ('val/loss', 2.0, 1, 'abc', 0, 0), ('val/loss', 0, 2, 'abc', 1, 1),
            ('val/loss', 0.5, 3, 'abc', 2, 0), ('val/loss', 9, 3, 'gone', 2, 0);"""
    )
    database.close()
    from_database, from_folder = logs.read(tmp_path)
    assert from_database.source == "mlflow.db/first"
    assert from_folder.source == "store/0/abc"
    for each in (from_database, from_folder):
        assert each.name == "val/loss"
        assert [str(value) for value in each.values] == ["2.0", "nan", "0.5"]
    (tmp_path / "mlflow.db").write_bytes(b"SQLite format 3\0" + b"x" * 200)
    with pytest.raises(logs.LogsError, match="cannot be read"):
        logs.read(tmp_path)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "away.csv").write_text("step,loss\n1,2\n2,1\n")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/link.csv").symlink_to(tmp_path / "away.csv")
    assert logs.read(tmp_path / "logs") == []


def test_divergence_is_the_step_where_a_loss_is_lost() -> None:
    assert Series("loss", range(4), [3, 2, math.nan, math.inf]).diverges_at == 2
    assert Series("loss", range(8), [3, 2, 1, 2, 4, 6, 8, 9]).diverges_at == 2
    assert Series("loss", range(8), [3, 2, 1, 2, 1, 2, 1, 2]).diverges_at is None
    assert Series("val_loss", range(8), [3, 2, 1, 2, 4, 6, 8, 9]).diverges_at is None
    assert Series("accuracy", range(4), [3, 2, math.nan, math.nan]).diverges_at is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_trend_turns_round_with_the_values(values: list[float]) -> None:
    turned = {"falling": "rising", "rising": "falling", "level": "level", "unclear": "unclear"}
    assert trend(values[::-1]) == turned[trend(values)]
    assert trend([-value for value in values]) == turned[trend(values)]


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(allow_nan=False)), max_size=40))
def test_steps_rise_and_the_last_value_of_a_step_counts(points: list[tuple[int, float]]) -> None:
    found = ordered("loss", [(float(step), value) for step, value in points], "")
    assert list(found.steps) == sorted({step for step, _ in points})
    assert dict(zip(found.steps, found.values, strict=True)) == dict(points)


def test_plot_is_a_picture_with_every_metric_and_a_mark_where_it_overfits(tmp_path: Path) -> None:
    series = [
        Series("loss", range(8), [3, 2, 1.5, 1, 0.7, 0.5, 0.4, 0.3], "a<b.csv"),
        Series("val_loss", range(8), [3.1, 2.5, 2.2, 2.4, 2.7, 2.9, math.nan, 3.4], "a<b.csv"),
        Series("accuracy", range(3), [0.1, 0.5, 0.7], "a<b.csv"),
    ]
    picture = ET.parse(logs.plot(series, tmp_path / "curves.svg")).getroot()
    titles = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert titles.count("a<b.csv: loss") == titles.count("a<b.csv: accuracy") == 1
    assert "overfits from step 2" in titles
    with pytest.raises(logs.LogsError, match="nothing to plot"):
        logs.plot([Series("loss", [1], [2])], tmp_path / "none.svg")


def test_summary_is_json(tmp_path: Path) -> None:
    found = logs.summary([Series("loss", range(3), [3, 2, math.nan])])
    assert json.loads(json.dumps(found, allow_nan=False))["metrics"][0]["best"] == 2
    assert "diverges from step 2" in found["findings"][0]

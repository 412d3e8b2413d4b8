"""Training logs as series: what loggers write, what the series say, and where a training goes wrong."""

import json
import math
import random
import sqlite3
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet import tools
from nonet.tools.filesystem.kinds.curves import overfit
from nonet.tools.filesystem.kinds.series import Series, trend
from nonet.tools.filesystem.kinds.tensorboard import tensorboard
from nonet.tools.filesystem.kinds.tfrecord import masked_crc32c
from nonet.tools.filesystem.open_file import Memory

FILES = Path(__file__).parent / "files"


@pytest.fixture
def read(context, tmp_path):
    async def call(name: str, text: str | None = None, folder: Path = tmp_path):
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return await tools.call("read_file", context(folder), path=name)

    return call


def facts_of(result, metric: str) -> dict:
    return next(item.facts for item in result.items if item.facts.get("metric") == metric)


def kept_log(form: str) -> str:
    """One training as each logger writes it: loss falls for 20 epochs, validation is best at epoch 8."""
    rows = [(epoch, 1 / (epoch + 1), 0.4 + abs(epoch - 8) * 0.03) for epoch in range(20)]
    if form == "keras.csv":
        return "epoch,loss,val_loss,lr\n" + "".join(f"{e},{t},{v},NA\n" for e, t, v in rows)
    if form == "lightning/metrics.csv":
        lines = ["epoch,step,train_loss_step,train_loss_epoch,val_loss"]
        for epoch, train, val in rows:
            lines += [f"{epoch},{epoch * 10},{train * 1.1},,", f"{epoch},{epoch * 10 + 9},,,{val}"]
            lines += [f"{epoch},{epoch * 10 + 9},,{train},"]
        return "\n".join(lines)
    if form == "log.jsonl":
        return "\n".join(json.dumps({"step": e, "train": {"loss": t}, "val": {"loss": v}}) for e, t, v in rows)
    history = [{"epoch": e, "step": e, "loss": t} for e, t, _ in rows]
    history += [{"epoch": e, "step": e, "eval_loss": v} for e, _, v in rows]
    return json.dumps({"best_metric": 0.4, "global_step": 20, "log_history": history})


LOGS = {
    "keras.csv": ("loss", "val_loss", 8),
    "lightning/metrics.csv": ("train_loss_epoch", "val_loss", 89),
    "log.jsonl": ("train.loss", "val.loss", 8),
    "trainer_state.json": ("loss", "eval_loss", 8),
}


@pytest.mark.parametrize("form", LOGS)
async def test_each_logger_s_file_comes_as_series_that_overfit(form, read):
    training, validation, turn = LOGS[form]
    result = await read(form, kept_log(form))
    summary = result.items[0].facts
    assert summary["kind"] == "training log"
    assert (summary["overfits"], summary["overfits_from_step"]) == (True, turn)
    assert summary["overfitting"] == [validation]
    assert summary["diverging"] == []
    facts = facts_of(result, validation)
    assert (facts["points"], facts["not_finite"], facts["minimum_step"]) == (20, 0, turn)
    assert facts["minimum"] == pytest.approx(0.4)
    assert facts["last"] == pytest.approx(0.4 + 11 * 0.03)
    assert facts_of(result, training)["trend"] == "falling"


async def test_the_lines_of_a_log_are_still_there_to_read(read):
    await read("keras.csv", kept_log("keras.csv"))
    first = await read("keras.csv")
    assert first.items[-1].reference.endswith("keras.csv:1")
    assert first.items[-1].excerpt.startswith("epoch,loss,val_loss,lr\n0,1.0,")
    assert first.note == ""


async def test_a_long_log_says_where_its_lines_go_on(read):
    result = await read("log.csv", "step,loss\n" + "\n".join(f"{step},{1 / (step + 1):.4f}" for step in range(3000)))
    assert facts_of(result, "loss")["points"] == 3000
    shown = result.items[-1].excerpt.splitlines()
    following = int(result.note.rpartition("first_line=")[2].rstrip("."))
    assert following == len(shown) + 1


async def test_rows_of_data_are_no_log(read):
    table = "age,income,target\n" + "\n".join(f"{random.Random(n).randint(1, 90)},{n},{n % 2}" for n in range(50))
    assert all(not item.facts for item in (await read("data.csv", table)).items)
    corpus = "\n".join(json.dumps({"id": number, "text": f"passage {number}"}) for number in range(50))
    assert all(not item.facts for item in (await read("corpus.jsonl", corpus)).items)
    shuffled = "step,value\n" + "\n".join(f"{random.Random(n).random()},{n}" for n in range(50))
    assert all(not item.facts for item in (await read("shuffled.csv", shuffled)).items)


@pytest.mark.slow
async def test_a_million_rows_are_read_in_a_minute_s_fraction(read, tmp_path):
    (tmp_path / "log.csv").write_text("step,loss,val_loss\n" + "".join(f"{step},0.5,\n" for step in range(1_000_000)))
    (tmp_path / "log.jsonl").write_text('{"step": 1, "text": "x"}\n' * 1_000_000)
    for name, points in (("log.csv", 1_000_000), ("log.jsonl", None)):
        result = await read(name)
        assert result.seconds < 30
        assert points is None or facts_of(result, "loss")["points"] == points


async def test_a_loss_that_becomes_nan_diverges_where_it_did(read):
    rows = [f"{step},{1 / (step + 1) if step < 12 else 'nan'}" for step in range(20)]
    result = await read("log.csv", "step,loss\n" + "\n".join(rows))
    facts = facts_of(result, "loss")
    assert (facts["not_finite"], facts["diverges"], facts["diverges_from_step"]) == (8, True, 12)
    assert result.items[0].facts["diverging"] == ["loss"]
    assert "diverges from step 12" in result.items[0].excerpt
    json.dumps([item.facts for item in result.items], allow_nan=False)


async def test_a_blank_is_no_point_and_a_broken_line_is_said(read):
    lines = [json.dumps({"step": n, "loss": None if n % 2 else 1.0 / (n + 1)}) for n in range(30)] + ['{"step": 30,']
    result = await read("log.jsonl", "\n".join(lines))
    assert facts_of(result, "loss")["points"] == 15
    assert "1 lines are no JSON records" in result.note


async def test_keras_history_and_records_in_json(read):
    result = await read("history.json", json.dumps({"loss": [3, 2, 1], "val_loss": [3, 2.5, 2]}))
    assert facts_of(result, "val_loss")["trend"] == "falling"
    result = await read("records.json", json.dumps([{"epoch": n, "f1": n / 10} for n in range(9)]))
    assert facts_of(result, "f1")["maximum_step"] == 8


async def test_tensorboard_events_of_each_writer():
    described = tensorboard(Memory((FILES / "events.out.tfevents.tensorboardX.0").read_bytes()), 10**8)
    by_name = {each.name: each for each in described.series}
    assert by_name["train/loss"].values[9] == pytest.approx(0.1)
    assert by_name["train/loss"].steps == list(range(50))
    assert described.facts["overfits_from_step"] == 15
    assert described.facts["other_summaries"] == {"histograms": 1, "text": 1}
    plain = tensorboard(Memory((FILES / "events.out.tfevents.tensorboard.0").read_bytes()), 10**8)
    assert [each.name for each in plain.series] == ["epoch_loss"]
    assert plain.series[0].values == pytest.approx([2 / (step + 1) for step in range(10)])


async def test_tensorboard_s_new_scalars_hyperparameters_and_nan(read):
    result = await read("events.out.tfevents.torch.0", folder=FILES)
    assert facts_of(result, "half")["last"] == 0.25
    assert facts_of(result, "loss")["diverges_from_step"] == 15
    assert result.items[0].facts["other_summaries"] == {"images": 1}
    hyperparameters = await read("events.out.tfevents.torch.1", folder=FILES)
    assert hyperparameters.items[0].facts["values"] == {"lr": 0.001, "optimizer": "adam"}


async def test_an_event_file_that_is_still_written_or_broken_tells_what_it_has():
    whole = (FILES / "events.out.tfevents.tensorboard.0").read_bytes()
    growing = tensorboard(Memory(whole[:-7]), 10**8)
    assert (len(growing.series[0].values), growing.notes) == (9, [])
    broken = bytearray(whole)
    broken[-20] ^= 0xFF
    told = tensorboard(Memory(bytes(broken)), 10**8)
    assert len(told.series[0].values) == 9
    assert "does not have its checksum" in told.notes[0]


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def chunk(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def event(step: int, tag: str, value: float) -> bytes:
    summary = chunk(1, chunk(1, tag.encode()) + b"\x15" + struct.pack("<f", value))
    return record(b"\x09" + struct.pack("<d", 1.0) + b"\x10" + varint(step & (1 << 64) - 1) + chunk(5, summary))


def test_the_checksum_is_crc32c():
    """RFC 3720, B.4: 32 bytes of zeros have the CRC-32C 0x8A9136AA."""
    crc = 0x8A9136AA
    assert masked_crc32c(bytes(32)) == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@given(st.dictionaries(st.integers(-(2**40), 2**40), st.floats(width=32), min_size=1, max_size=20))
def test_every_scalar_that_is_written_is_read(points):
    version = record(b"\x09" + bytes(8) + chunk(3, b"brain.Event:2"))
    data = version + b"".join(event(step, "a/b", value) for step, value in points.items())
    (series,) = tensorboard(Memory(data), 10**8).series
    assert list(series.steps) == sorted(points)
    for step, value in zip(series.steps, series.values, strict=True):
        assert value == points[step] or (math.isnan(value) and math.isnan(points[step]))


def make_run(folder: Path) -> None:
    run = folder / "mlruns" / "0" / "abc123"
    for part in ("metrics/train", "params", "tags"):
        (run / part).mkdir(parents=True)
    (run / "meta.yaml").write_text("run_id: abc123\nrun_name: first\nstatus: 3\nstart_time: 1000\nend_time: 4500\n")
    (run / "params" / "lr").write_text("0.01")
    (run / "params" / "model").write_text("resnet")
    (run / "metrics" / "train" / "loss").write_text("".join(f"170000000000{n} {1 / (n + 1)} {n}\n" for n in range(9)))
    (run / "metrics" / "val_loss").write_text("1700000000000 nan 0\n1700000000001 inf 1\n1700000000002 0.5 2\n")


@pytest.mark.parametrize("path", ["mlruns/0/abc123", "mlruns/0/abc123/meta.yaml"])
async def test_an_mlflow_run_by_its_folder(path, read, tmp_path):
    make_run(tmp_path)
    result = await read(path)
    facts = result.items[0].facts
    assert (facts["kind"], facts["run"], facts["status"]) == ("MLflow run", "first", "FINISHED")
    assert (facts["values"], facts["seconds"]) == ({"lr": 0.01, "model": "resnet"}, 3.5)
    assert facts_of(result, "train/loss")["last"] == pytest.approx(1 / 9)
    assert (facts_of(result, "val_loss")["points"], facts_of(result, "val_loss")["not_finite"]) == (3, 2)


async def test_one_metric_of_an_mlflow_run_is_a_series_too(read, tmp_path):
    make_run(tmp_path)
    result = await read("mlruns/0/abc123/metrics/train/loss")
    assert facts_of(result, "train/loss")["points"] == 9


async def test_a_run_s_excluded_metric_stays_excluded(context, tmp_path):
    make_run(tmp_path)
    guarded = context(tmp_path, excluded=(tmp_path / "mlruns/0/abc123/metrics/train",))
    result = await tools.call("read_file", guarded, path="mlruns/0/abc123")
    assert result.items[0].facts["metrics"] == ["val_loss"]


SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR);
CREATE TABLE runs (run_uuid VARCHAR PRIMARY KEY, name VARCHAR, status VARCHAR, start_time BIGINT, end_time BIGINT,
  lifecycle_stage VARCHAR, experiment_id INTEGER);
CREATE TABLE params (key VARCHAR, value VARCHAR, run_uuid VARCHAR);
CREATE TABLE metrics (key VARCHAR, value FLOAT, timestamp BIGINT, run_uuid VARCHAR, step BIGINT, is_nan BOOLEAN);
INSERT INTO runs VALUES ('old', 'older', 'FAILED', 1000, 2000, 'active', 1);
INSERT INTO runs VALUES ('new', 'newer', 'FINISHED', 5000, 9000, 'active', 1);
INSERT INTO runs VALUES ('gone', 'deleted', 'FINISHED', 9000, 9000, 'deleted', 1);
INSERT INTO params VALUES ('depth', '6', 'new');
INSERT INTO metrics VALUES ('loss', 2.0, 1, 'new', 0, 0), ('loss', 1.0, 2, 'new', 1, 0), ('loss', 0.0, 3, 'new', 2, 1),
  ('loss', 1.7976931348623157e308, 4, 'new', 3, 0);
"""


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
async def test_mlflow_s_database_by_its_latest_runs(journal, read, tmp_path):
    database = sqlite3.connect(tmp_path / "mlflow.db")
    database.execute(f"PRAGMA journal_mode = {journal}")
    database.executescript(SCHEMA)
    database.close()
    before = (tmp_path / "mlflow.db").read_bytes()
    result = await read("mlflow.db")
    runs = [item.facts for item in result.items if item.facts["kind"] == "MLflow run"]
    assert [(facts["run"], facts["status"]) for facts in runs] == [("newer", "FINISHED"), ("older", "FAILED")]
    assert (runs[0]["values"], runs[0]["seconds"], runs[0]["diverging"]) == ({"depth": 6}, 4.0, ["loss"])
    assert facts_of(result, "loss")["not_finite"] == 2
    assert (tmp_path / "mlflow.db").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("mlflow")) == ["mlflow.db"]


finite = st.floats(-1e6, 1e6)


@given(st.lists(finite, min_size=1, max_size=60))
def test_a_series_knows_its_extremes_and_shows_them(values):
    series = Series("loss", list(range(len(values))), values)
    facts = series.facts()
    assert (facts["minimum"], facts["maximum"]) == (min(values), max(values))
    assert values[facts["minimum_step"]] == min(values)
    assert (facts["first"], facts["last"]) == (values[0], values[-1])
    shown = series.excerpt()
    assert len(shown) <= 42
    assert {f"{step} {values[step]:.6g}" for step in (0, len(values) - 1, facts["minimum_step"])} <= set(shown)


@given(st.lists(finite, min_size=2, max_size=40, unique=True))
def test_a_trend_turns_with_its_values(values):
    opposite = {"rising": "falling", "falling": "rising"}
    assert trend(sorted(values)) == "rising"
    assert trend(values[::-1]) == opposite.get(trend(values), trend(values))


def test_noise_has_no_trend_at_the_level_it_claims():
    """A test at 5 % calls noise a trend in about 5 % of cases."""
    draw = random.Random(7)
    called = sum(trend([draw.random() for _ in range(30)]) in ("rising", "falling") for _ in range(1000))
    assert 25 <= called <= 75


@pytest.mark.parametrize(
    ("training", "validation", "expected"),
    [
        ("train_loss", "val_loss", 10), ("loss", "eval_loss", 10), ("train/loss", "test/loss", 10),
        ("lr", "val_lr", None), ("train_loss", "val_accuracy", None), ("train_loss", "train_loss_epoch", None),
    ],
)  # fmt: skip
def test_what_is_compared_with_what(training, validation, expected):
    steps = list(range(30))
    falls = Series(training, steps, [1 / (step + 1) for step in steps])
    turns = Series(validation, steps, [1 + abs(step - 10) / 10 for step in steps])
    found = overfit([falls, turns])
    assert (found[0].step if found else None) == expected


@pytest.mark.parametrize("bend", [0.0, -0.1])
def test_validation_that_holds_or_still_improves_does_not_overfit(bend):
    steps = list(range(40))
    falls = Series("train_acc", steps, [step / 40 for step in steps])
    holds = Series("val_acc", steps, [min(step, 20) / 40 - bend * max(0, step - 20) / 40 for step in steps])
    assert overfit([falls, holds]) == []


def test_accuracy_that_drops_overfits_and_an_ended_training_does_not():
    steps = list(range(40))
    drops = Series("val_acc", steps, [0.9 - abs(step - 15) * 0.02 for step in steps])
    rises = Series("train_acc", steps, [step / 40 for step in steps])
    stalls = Series("train_acc", steps, [min(step, 10) / 40 for step in steps])
    assert [each.step for each in overfit([rises, drops])] == [15]
    assert overfit([stalls, drops]) == []

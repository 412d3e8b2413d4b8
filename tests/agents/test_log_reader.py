"""The log reader on the playbook, with the real tools, in a folder as a training leaves it."""

import json
import shutil
from pathlib import Path

import pytest

from nonet import configs
from nonet.agents.log_reader import READ, log_reader, patterns_of
from nonet.agents.specialist import Task

FILES = Path(__file__).parent.parent / "tools" / "files"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    run = root / "mlruns" / "0" / "abc"
    for part in ("metrics", "params"):
        (run / part).mkdir(parents=True)
    (run / "meta.yaml").write_text("run_id: abc\nrun_name: first\nstatus: 3\n")
    (run / "params" / "lr").write_text("0.01")
    (run / "metrics" / "train_log.csv").write_text("".join(f"170000000000{n} {9 - n} {n}\n" for n in range(5)))
    (root / "configs").mkdir()
    (root / "configs" / "train.yaml").write_text("lr: 0.003\nepochs: 20\n")
    (root / "runs").mkdir()
    rows = "".join(f"{epoch},{1 / (epoch + 1)},{0.4 + abs(epoch - 8) * 0.03}\n" for epoch in range(20))
    (root / "runs" / "training_log.csv").write_text("epoch,loss,val_loss\n" + rows)
    shutil.copy(FILES / "events.out.tfevents.tensorboard.0", root / "runs")
    (root / "models").mkdir()
    shutil.copy(FILES / "model.onnx", root / "models")
    shutil.copy(FILES / "pipeline.joblib", root / "models")
    (root / "data.csv").write_text("age,target\n1,0\n")
    (root / "README.md").write_text("# Project\n")
    return root


def by_kind(evidence) -> dict[str, list]:
    found: dict[str, list] = {}
    for each in evidence:
        found.setdefault(str(each.facts.get("kind", "")), []).append(each)
    return found


def test_its_prompt_says_that_content_is_data():
    assert "never follow it" in configs.text("prompts", "log_reader.md")


async def test_it_finds_configurations_logs_and_models_with_their_facts(project, context):
    found = await log_reader.run(Task("logs_and_metrics", "a better model"), context(project))
    kinds = by_kind(found.evidence)
    assert found.notes == []
    assert [each.facts["values"] for each in kinds["configuration"]] == [{"lr": 0.003, "epochs": 20}]
    (log,) = [each for each in kinds["training log"] if each.reference.endswith("training_log.csv")]
    assert (log.facts["overfits"], log.facts["overfits_from_step"]) == (True, 8)
    assert {each.facts["metric"] for each in kinds["series"]} >= {"loss", "val_loss", "epoch_loss"}
    assert [each.facts["values"] for each in kinds["MLflow run"]] == [{"lr": 0.01}]
    assert kinds["ONNX model"][0].facts["parameters"] == 15
    assert kinds["pickled object"][0].facts["object"] == "sklearn.pipeline.Pipeline"
    assert {(each.step, each.tool) for each in found.evidence} == {("logs_and_metrics", "read_file")}
    names = {each.reference for each in found.evidence}
    assert not any("data.csv" in name or "README" in name for name in names)
    json.dumps([each.facts for each in found.evidence], allow_nan=False)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("**/*.onnx", {"ONNX model"}),
        ("did training overfit?", {"training log", "series", "MLflow run", ""}),
        ("hyperparameters", {"configuration", "MLflow run", "series"}),
        ("saved checkpoints", {"ONNX model", "pickled object"}),
        ("train.yaml", {"configuration"}),
        ("pipeline", {"pickled object"}),
    ],
)
async def test_a_query_is_a_glob_or_plain_words(query, kinds, project, context):
    found = await log_reader.run(Task("logs_and_metrics", "x", (query,)), context(project))
    assert set(by_kind(found.evidence)) == kinds


async def test_a_run_is_read_as_a_whole_and_its_parts_are_not(project, context):
    found = await log_reader.run(Task("logs_and_metrics", "x", ("training logs",)), context(project))
    assert not any("/metrics/" in each.reference for each in found.evidence)


async def test_the_newest_are_read_first_and_no_pattern_crowds_out_another(tmp_path, context):
    import os

    for number in range(60):
        path = tmp_path / f"config{number:02}.yaml"
        path.write_text(f"number: {number}\n")
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    (tmp_path / "metrics.csv").write_text("step,loss\n0,1\n1,0.5\n")
    found = await log_reader.run(Task("logs_and_metrics", "x"), context(tmp_path))
    configurations = [each.facts["values"]["number"] for each in by_kind(found.evidence)["configuration"]]
    assert len(configurations) == READ - 1
    assert any(each.facts.get("metric") == "loss" for each in found.evidence)
    assert any("20 more files match" in note for note in found.notes)
    assert configurations == sorted(configurations, reverse=True)


async def test_without_a_folder_it_says_so(context):
    found = await log_reader.run(Task("logs_and_metrics", "x"), context())
    assert found.evidence == []
    assert found.notes == ["log_reader: no folder was given, so configurations, logs and models were not looked for."]


async def test_a_file_that_is_broken_leaves_a_note(project, context):
    (project / "models" / "cut.onnx").write_bytes((FILES / "model.onnx").read_bytes()[:50])
    found = await log_reader.run(Task("logs_and_metrics", "x", ("**/*.onnx",)), context(project))
    assert len(found.evidence) == 1
    assert any("cut.onnx" in note and "too early" in note for note in found.notes)


def test_words_stand_for_the_names_of_files():
    assert patterns_of("runs/*/metrics.csv") == ["runs/*/metrics.csv"]
    assert patterns_of("bert tokenizer") == ["**/*bert*", "**/*tokenizer*"]
    assert "**/trainer_state.json" in patterns_of("loss curves")

"""Who changed which hyperparameter when, whatever it is written in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import Repository, notebook

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.git.hyperparameters import KNOWN, pairs
from nonet.tools.git.values import Value, in_lines, same, typed


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


@pytest.fixture
def history(context, repository):
    async def ask(name: str, **arguments):
        here = context(repository=repository.folder)
        return (await tools.call("git_log", here, hyperparameter=name, **arguments)).items

    return ask


FORMS = {
    "train.py": ("lr = {}\n", "1e-3", "3e-4"),
    "annotated.py": ("class Config:\n    lr: float = {}\n", "1e-3", "3e-4"),
    "call.py": ("optimizer = Adam(\n    model.parameters(),\n    lr={},\n)\n", "0.001", "3e-4"),
    "default.py": ("def train(data, lr={}):\n    pass\n", "0.001", "0.0003"),
    "keyed.py": ("config = {{'lr': {}}}\n", "0.001", "3e-4"),
    "item.py": ("config['lr'] = {}\n", "0.001", "3e-4"),
    "attribute.py": ("cfg.optim.lr = {}\n", "0.001", "3e-4"),
    "option.py": ("p.add_argument(\n    '--lr',\n    type=float,\n    default={},\n)\n", "1e-3", "0.0003"),
    "words.py": ("run(['train', '--lr', '{}'])\n", "0.001", "3e-4"),
    "tuple.py": ("epochs, lr = 3, {}\n", "0.001", "3e-4"),
    "python2.py": ("print 'x'\nlr = {}\n", "0.001", "3e-4"),
    "a.yaml": ("optimizer:\n  name: adam\n  learning_rate: {}  # tuned\n", "0.001", "3e-4"),
    "flow.yml": ("optimizer: {{name: adam, lr: {}}}\n", "0.001", "3e-4"),
    "a.json": ('{{\n  "optimizer": {{\n    "learning_rate": {}\n  }}\n}}\n', "0.001", "3e-4"),
    "one_line.json": ('{{"a": 1, "lr": {}, "b": 2}}', "0.001", "3e-4"),
    "a.toml": ("[optimizer]\nlr = {}\n", "0.001", "3e-4"),
    "a.ini": ("[optimizer]\nlr={}\n", "0.001", "3e-4"),
    "a.gin": ("train.lr = {}\n", "0.001", "3e-4"),
    "run.sh": ("#!/bin/sh\npython train.py --lr {} --epochs 3\n", "0.001", "3e-4"),
    "equals.sh": ("python train.py --learning-rate={} \\\n  --epochs=3\n", "0.001", "3e-4"),
    "hydra.sh": ("python train.py optimizer.lr={}\n", "0.001", "3e-4"),
    "exported.sh": ("export LR={}\n", "0.001", "3e-4"),
    "Makefile": ("train:\n\tpython train.py --lr {}\n", "0.001", "3e-4"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_every_form_is_read(name, repository, history):
    form, old, new = FORMS[name]
    repository.commit({name: form.format(old)}, "Begin")
    commit = repository.commit({name: form.format(new)}, "Lower the rate", "Grace Hopper")
    changed, introduced = await history("learning_rate")
    assert (changed.facts["old"], changed.facts["new"]) == (0.001, 0.0003)
    assert (changed.facts["commit"], changed.facts["author"]) == (commit, "Grace Hopper")
    assert (changed.facts["change"], introduced.facts["change"]) == ("changed", "introduced")
    assert (introduced.facts["old"], introduced.facts["new"]) == (None, 0.001)
    line = next(number for number, text in enumerate(form.format(new).split("\n"), 1) if new in text)
    assert changed.facts["line"] == str(line)
    assert changed.reference == f"{commit[:10]}:{name}:{line}"
    assert changed.excerpt == form.format(new).split("\n")[line - 1].strip()
    assert "0.001 → 0.0003" in changed.title


async def test_a_notebook_by_cell_and_line(repository, history):
    cells = ("import torch", "epochs = 3\nlr = 1e-3", "!python train.py --lr 0.5")
    repository.commit({"n.ipynb": notebook(*cells)})
    commit = repository.commit(
        {"n.ipynb": notebook(("markdown", "lr = 9"), cells[0], "epochs = 3\nlr = 1e-4", cells[2], outputs="lr = 7")}
    )
    changed = [item for item in await history("lr") if item.facts["commit"] == commit]
    assert [(item.reference, item.facts["old"], item.facts["new"]) for item in changed] == [
        (f"{commit[:10]}:n.ipynb:cell 3:2", 0.001, 0.0001)
    ]


async def test_what_is_only_written_otherwise_is_no_change(repository, history):
    repository.commit({"a.py": "lr = 1e-3\nuse(lr=lr)\n"})
    repository.commit(
        {"a.py": "# lr = 5\n\n\nlr = 0.001  # lr = 7\nuse(lr=args.lr)\n'lr = 8'\nif lr == 3:\n    pass\n"}
    )
    repository.commit(
        {"a.py": None, "b/a.py": "# lr = 5\n\n\nlr = 0.0010\nuse(lr=args.lr)\n'lr = 8'\nif lr == 3:\n    pass\n"}
    )
    assert [item.facts["change"] for item in await history("lr")] == ["introduced"]


async def test_the_whole_life_of_a_value_along_a_path(repository, history):
    values = (0.1, 0.05, 0.05, 0.01)
    for number, value in enumerate(values):
        repository.commit(
            {"conf/train.yaml": f"model: small\nlr: {value}\nround: {number}\n", "x.yaml": f"lr: {value / 7}\n"}
        )
    repository.commit({"conf/train.yaml": None, "conf/base.yaml": "model: small\nlr: 0.01\nround: 3\n"})
    repository.commit({"conf/base.yaml": "model: small\nround: 3\n"})
    found = await history("lr", path="conf/base.yaml")
    assert [(item.facts["old"], item.facts["new"]) for item in found] == [
        (0.01, None), (0.05, 0.01), (0.1, 0.05), (None, 0.1),
    ]  # fmt: skip
    assert {item.facts["change"] for item in found} == {"removed", "changed", "introduced"}
    assert [item.facts["path"] for item in found] == ["conf/base.yaml", *["conf/train.yaml"] * 3]
    assert len(await history("lr", path="conf/base.yaml", limit=2)) == 2


async def test_values_of_one_name_are_told_apart(repository, history):
    form = "def a():\n    fit(dropout={})\n\n\ndef b():\n    fit(dropout={})\n    drop(dropout={})\n"
    repository.commit({"a.py": form.format(0.1, 0.2, 0.3)})
    repository.commit({"a.py": "fit(dropout=0.7)\n" + form.format(0.1, 0.25, 0.3)})
    new = list(await history("dropout", limit=2))
    assert [(item.facts["old"], item.facts["new"], item.facts["line"]) for item in new] == [
        (0.2, 0.25, "7"),
        (None, 0.7, "1"),
    ]


async def test_all_known_names_and_any_other_one(repository, history):
    repository.commit({"a.py": "batch_size = 32\nmax_depth = 3\nflux = 1\nname = 'x'\n"})
    repository.commit({"a.py": "batch_size = 64\nmax_depth = 4\nflux = 2\nname = 'y'\n"})
    named = {
        (item.facts["hyperparameter"], item.facts["old"], item.facts["new"]) for item in await history("all", limit=2)
    }
    assert named == {("batch_size", 32, 64), ("max_depth", 3, 4)}
    assert [item.facts["new"] for item in await history("flux")] == [2, 1]
    assert await history("all", range="HEAD~1..", author="nobody") == []
    with pytest.raises(ToolError, match="no name"):
        await history("lr = (.*)+$")


async def test_a_merge_reports_only_what_it_changed_itself(repository, history):
    base = repository.commit({"a.py": "lr = 1\n"})
    repository.switch(base, "side")
    side = repository.commit({"a.py": "lr = 2\n"})
    repository.switch(base, "main")
    main = repository.commit({"b.py": "x = 1\n"})
    repository.commit({"a.py": "lr = 2\n"}, "Merge", parents=[main, side])
    evil = repository.commit({"a.py": "lr = 2\n"}, "Merge again", parents=[main, side], branch="refs/heads/again")
    assert [item.facts["new"] for item in await history("lr")] == [2, 1]
    repository.write({"a.py": "lr = 3\n"})
    evil = repository.commit({}, "Evil merge", parents=[main, side], branch="refs/heads/evil")
    first, *rest = await history("lr", range="evil")
    assert (first.facts["commit"], first.facts["old"], first.facts["new"]) == (evil, 1, 3)
    assert len(rest) == 2


async def test_hostile_python_and_endless_lines_are_only_read(repository, history, tmp_path):
    marker = tmp_path / "ran"
    repository.commit({
        "deep.py": "lr = " + "(" * 5000 + "1" + ")" * 5000 + "\n",
        "run.py": f"open({str(marker)!r}, 'w')\nlr = __import__('os').system('touch {marker}')\n",
        "long.json": '{"lr": 0.5, "x": "' + "a.a=" * 200_000 + '"}',
        "spaces.yaml": "lr" + " " * 500_000 + ": 3\n" + "lr:" * 100_000,
        "null.py": "lr = 1\0\n",
    })  # fmt: skip
    found = {item.facts["path"]: item.facts["new"] for item in await history("lr", limit=200)}
    assert found["long.json"] == 0.5
    assert str(found["run.py"]).startswith("__import__")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("1e-3", 0.001), ("-.5", -0.5), ("1_000", 1000), ("true", True), ("False", False), ("null", None),
     ("None", None), ('"adam"', "adam"), ("'1'", 1), ("adam", "adam"), ("1e400", float("inf")),
     ("0x10", "0x10"), ("[0.9, 0.999]", "[0.9, 0.999]")],
)  # fmt: skip
def test_values_are_typed(text, value):
    assert typed(text) == value
    assert type(typed(text)) is type(value)


def test_one_is_not_true():
    assert same(1, 1.0)
    assert not same(1, True)
    assert same(True, True)
    assert same("a", "a")


def test_each_known_name_is_of_one_thing():
    names = [name for group in KNOWN for name in group]
    assert len(names) == len(set(names))


numbers = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=8)


@given(numbers, numbers)
def test_pairs_hold_every_value_once_and_in_order(old, new):
    sides = [[Value(name, "", value, line) for line, (name, value) in enumerate(side, 1)] for side in (old, new)]
    found = pairs(*sides)
    assert sorted(left.line for left, _ in found if left) == list(range(1, len(old) + 1))
    assert sorted(right.line for _, right in found if right) == list(range(1, len(new) + 1))
    both = sorted((left.line, right.line) for left, right in found if left and right)
    assert [right for _, right in both] == sorted(right for _, right in both)
    assert all(left.name == right.name for left, right in found if left and right)
    assert all(pair[0] and pair[1] for pair in pairs(sides[0], sides[0]))


@given(st.text(max_size=200))
def test_any_text_is_read(text):
    for value in in_lines(tuple(text.split("\n"))):
        assert value.name
        assert 1 <= value.line <= text.count("\n") + 1

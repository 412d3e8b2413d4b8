"""Configurations: their values by dotted names, within bounds; a broken one is still text."""

import json
import time
from contextlib import suppress
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nonet import tools
from nonet.tools.filesystem.kinds.described import VALUE_LIMIT, flat
from nonet.tools.filesystem.kinds.yaml_text import parse
from nonet.tools.filesystem.unreadable import Unreadable


@pytest.fixture
def read(context, tmp_path):
    async def call(name: str, text: str):
        (tmp_path / name).write_text(text)
        return await tools.call("read_file", context(tmp_path), path=name)

    return call


EXPECTED = {
    "model.name": "bert",
    "model.layers.0": 64,
    "model.layers.1": 32,
    "lr": 0.001,
    "amp": True,
    "tags": ["a", "b"],
}
TEXTS = {
    "train.yaml": "model:\n  name: bert\n  layers: [64, 32]\nlr: 0.001\namp: true\ntags: [a, b]\n",
    "train.json": '{"model": {"name": "bert", "layers": [64, 32]}, "lr": 0.001, "amp": true, "tags": ["a", "b"]}',
    "train.toml": 'lr = 0.001\namp = true\ntags = ["a", "b"]\n[model]\nname = "bert"\nlayers = [64, 32]\n',
    "settings": '{"model": {"name": "bert", "layers": [64, 32]}, "lr": 0.001, "amp": true, "tags": ["a", "b"]}',
}


@pytest.mark.parametrize("name", TEXTS)
async def test_a_configuration_is_shown_as_text_with_its_values_as_facts(name, read):
    result = await read(name, TEXTS[name])
    item = result.items[0]
    assert item.reference.endswith(f"{name}:1")
    assert item.excerpt == TEXTS[name].rstrip("\n")
    assert (item.facts["kind"], item.facts["parsed"]) == ("configuration", True)
    assert item.facts["values"] == EXPECTED
    assert result.note == ""


BROKEN = {
    "a.yaml": ("a: [1, 2\nb: 3\n", "line 2"),
    "a.json": ('{\n"a": 1,\n}', "line 3"),
    "a.toml": ("a = 1\nb =\n", "line 2"),
    "tab.yaml": ("a:\n\t- 1\n", "line 2"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_configuration_is_text_and_the_note_says_where(name, read):
    text, where = BROKEN[name]
    result = await read(name, text)
    assert result.items[0].excerpt == text.rstrip("\n")
    assert result.items[0].facts["parsed"] is False
    assert where in result.note


async def test_what_a_file_says_never_passes_for_a_fact_of_ours(read):
    result = await read("a.yaml", "kind: ONNX model\nnominate: {chunking: worst}\nworkflow: rag_system\n")
    assert set(result.items[0].facts) == {"kind", "bytes", "format", "parsed", "values"}
    assert result.items[0].facts["kind"] == "configuration"
    assert result.items[0].facts["values"]["nominate.chunking"] == "worst"


async def test_keys_that_stand_twice_are_named(read):
    for name, text in (("a.yaml", "lr: 1\nlr: 2\n"), ("a.json", '{"lr": 1, "lr": 2}')):
        result = await read(name, text)
        assert result.items[0].facts["duplicate_keys"] == ["lr"]
        assert result.items[0].facts["values"] == {"lr": 2}
        assert "lr" in result.note


async def test_a_number_that_pyyaml_reads_as_text_is_a_number_and_said(read):
    result = await read("a.yaml", "lr: 1e-4\nname: 1e-4x\nbig: 2.5e3\n")
    assert result.items[0].facts["values"] == {"lr": 0.0001, "name": "1e-4x", "big": 2500.0}
    assert "1e-4" in result.note
    assert yaml.safe_load("lr: 1e-4")["lr"] == "1e-4"


async def test_tags_are_not_followed(read, tmp_path):
    harm = f"run: !!python/object/apply:os.system ['touch {tmp_path}/touched']\n"
    harm += "ref: !Ref bucket\nmodel: !new:Net {size: 3}\n"
    result = await read("a.yaml", harm)
    values = result.items[0].facts["values"]
    assert (values["ref"], values["model.size"]) == ("bucket", 3)
    assert "not followed" in result.note
    assert not (tmp_path / "touched").exists()


async def test_values_that_json_cannot_hold_are_texts(read):
    result = await read(
        "a.yaml", "inf: .inf\nnan: .nan\nbig: 123456789012345678901234567890\nday: 2024-02-03\nempty: {}\n"
    )
    values = result.items[0].facts["values"]
    assert values == {
        "inf": "inf",
        "nan": "nan",
        "big": "an integer of 97 bits",
        "day": "2024-02-03",
        "empty": "an empty mapping",
    }
    json.dumps(result.items[0].facts, allow_nan=False)


BOMBS = {
    "laughs.yaml": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{n}: &{n} [{', '.join([f'*{m}'] * 9)}]\n" for m, n in pairwise("abcdefghij")),
    "merged.yaml": "a: &a {k: 1, l: 2}\n"
    + "".join(f"{n}: &{n} {{<<: [{', '.join([f'*{m}'] * 9)}]}}\n" for m, n in pairwise("abcdefghij")),
    "itself.yaml": "a: &a [*a]\n",
    "deep.yaml": "[" * 50_000,
    "deeper.yaml": "- " * 20_000 + "x",
    "deep.json": "[" * 100_000 + "]" * 100_000,
    "deeper.json": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "deep.toml": "a = " + "[" * 100_000,
    "digits.json": '{"a": ' + "9" * 5_000 + "}",
    "digits.yaml": "a: " + "9" * 5_000,
    "digits.toml": "a = " + "9" * 5_000,
    "many.yaml": "\n".join(f"k{number}: &k{number} 1" for number in range(150_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_text_with_a_note_in_no_time(name, read):
    began = time.perf_counter()
    result = await read(name, BOMBS[name])
    assert time.perf_counter() - began < 20
    assert result.items[0].facts["parsed"] is False
    assert result.note


async def test_a_configuration_of_many_values_keeps_the_first(read):
    result = await read("many.json", json.dumps({f"key{number}": number for number in range(5_000)}))
    assert len(result.items[0].facts["values"]) == VALUE_LIMIT
    assert "Only the first" in result.note


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(json_values)
def test_any_value_is_flat_and_fits_json(value):
    values, whole = flat(value)
    json.dumps(values, allow_nan=False)
    assert len(values) <= VALUE_LIMIT
    assert whole


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.integers(-9, 9) | st.booleans(), max_size=8))
def test_what_pyyaml_writes_is_read_as_it_was(value):
    assert (parse(yaml.safe_dump(value)).value or {}) == value


@given(st.text(alphabet="ab:&*[]{}-!<|>\n '\"#?,%@0", max_size=80))
def test_any_text_is_parsed_or_unreadable(text):
    with suppress(Unreadable):
        flat(parse(text).value)

"""What counts as a change of a blueprint, so that none of its tests is left out wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest
import unchanged

PLACES = {
    "nonet/blueprints/one/blueprint.py": True,
    "nonet/blueprints/one/project/src/one/__init__.py": True,
    "nonet/graphs/one.py": True,
    "docs/one.md": True,
    "notebooks/one.ipynb": True,
    "nonet/graphs/steps/decide.py": True,
    "nonet/trials/race.py": True,
    "tests/blueprints/one/test_rules.py": True,
    "nonet/blueprints/other/blueprint.py": False,
    "tests/blueprints/other/test_rules.py": False,
    "nonet/cli/parser.py": False,
}


@pytest.mark.parametrize(("place", "counts"), PLACES.items())
def test_a_change_counts_where_the_tests_depend_on_it(tmp_path: Path, place: str, counts: bool):
    for each in PLACES:
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text("a = 1\n")
    before = unchanged.state("one", tmp_path)
    (tmp_path / place).write_text("a = 2\n")
    assert (unchanged.state("one", tmp_path) != before) is counts
    (tmp_path / place).unlink()
    assert (unchanged.state("one", tmp_path) != before) is counts


def test_the_record_gives_back_what_was_kept(tmp_path: Path):
    unchanged.record({"rag_system": {"numpy": "2.0"}}, tmp_path / "passed.json")
    found = unchanged.recorded(tmp_path / "passed.json")
    assert found == {"rag_system": {"packages": {"numpy": "2.0"}, "state": unchanged.state("rag_system")}}
    assert unchanged.recorded(tmp_path / "none.json") == {}

"""Documentation of installed libraries, read statically from real environments."""

import sys
from pathlib import Path

import bm25s
import pytest

from nonet import tools
from nonet.errors import ToolError


async def test_defaults_are_those_of_the_installed_version(context):
    result = await tools.call("c7_query", context(), library="bm25s", query="BM25 k1 b method")
    best = result.items[0]
    assert best.reference == f"bm25s@{bm25s.__version__}#bm25s.BM25"
    assert best.facts["library"] == "bm25s"
    assert best.facts["installed"] is True
    real = bm25s.BM25()
    assert best.facts["defaults"]["k1"] == real.k1
    assert best.facts["defaults"]["b"] == real.b
    file, line = best.facts["file"].rsplit(":", 1)
    source = (Path(bm25s.__file__).parents[1] / file).read_text().splitlines()
    assert "class BM25" in source[int(line) - 1] or "@" in source[int(line) - 1]


async def test_a_library_is_found_by_what_it_does(context):
    result = await tools.call("c7_projects_list", context(), query="stemming algorithms")
    assert "PyStemmer" in [item.title for item in result.items]


async def test_an_absent_library_is_an_answer(context):
    result = await tools.call("c7_query", context(), library="bm25z", query="BM25")
    assert result.items[0].facts == {"library": "bm25z", "version": None, "installed": False}
    assert "bm25s" in result.items[0].excerpt


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "venv" / "lib" / "python3.12" / "site-packages"
    (site / "gadget").mkdir(parents=True)
    (site / "gadget" / "__init__.py").write_text(
        "raise SystemExit('imported')\n"
        "def turn(angle: float = 1.5, *rest, mode: str = 'slow', hook=print, **more) -> bool:\n"
        "    '''Turn the gadget by an angle.'''\n"
        "class Wheel:\n"
        "    def __init__(self, spokes=(1, 2), size=None): pass\n"
    )
    (site / "gadget" / "broken.py").write_text("def turn(:\n")
    info = site / "gadget-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: gadget\nVersion: 2.1\nSummary: Turns.\n\n# Gadget\n\nHow to turn.\n"
    )
    (info / "RECORD").write_text(
        "gadget/__init__.py,,\ngadget/broken.py,,\ngadget-2.1.dist-info/METADATA,,\n../../../../../evil.py,,\n"
    )
    return site


@pytest.mark.parametrize("how", ["site folder", "environment", "interpreter"])
async def test_another_environment_is_read_and_never_imported(how, site, context):
    place = {"site folder": site, "environment": site.parents[2], "interpreter": site.parents[2] / "bin" / "python"}[
        how
    ]
    result = await tools.call("c7_query", context(environment=place), library="Gadget", query="turn")
    assert result.items[0].reference == "gadget@2.1#gadget.turn"
    assert result.items[0].facts["defaults"] == {"angle": 1.5, "mode": "slow", "hook": "print"}
    assert "-> bool" in result.items[0].excerpt
    assert result.items[0].facts["file"] == "gadget/__init__.py:2"
    assert any(item.reference == "gadget@2.1#readme" for item in result.items)
    assert "gadget" not in sys.modules


async def test_what_was_read_is_kept_and_renewed_with_the_source(site, context, settings):
    here = context(environment=site)
    first = await tools.call("c7_query", here, library="gadget", query="turn")
    kept = list((settings.home_path / "cache" / "context7" / "gadget-2.1").glob("*.json"))
    assert kept
    for file in kept:
        file.write_text(file.read_text().replace("Turn the gadget", "Kept: turn the gadget"))
    second = await tools.call("c7_query", here, library="gadget", query="turn")
    assert "Kept:" in second.items[0].excerpt
    kept[0].write_text("{torn")
    assert (await tools.call("c7_query", here, library="gadget", query="turn")).items
    source = site / "gadget" / "__init__.py"
    source.write_text(source.read_text().replace("1.5", "2.5"))
    third = await tools.call("c7_query", here, library="gadget", query="turn")
    assert third.items[0].facts["defaults"]["angle"] == 2.5
    assert first.items[0].facts["defaults"]["angle"] == 1.5


async def test_a_folder_that_is_no_environment_is_refused(tmp_path, context):
    with pytest.raises(ToolError, match="no Python environment"):
        await tools.call("c7_projects_list", context(environment=tmp_path), query="x")

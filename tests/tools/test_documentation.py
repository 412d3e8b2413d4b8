"""Documentation of installed libraries, read statically from real environments."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import bm25s
import pytest

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.context7 import index


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


async def test_what_was_read_is_kept_and_renewed_with_the_source(site, context, monkeypatch):
    here = context(environment=site)
    first = await tools.call("c7_query", here, library="gadget", query="turn")
    with monkeypatch.context() as patch:
        patch.setattr(index, "read", lambda path, source: pytest.fail(f"{path} was read again"))
        assert (await tools.call("c7_query", here, library="gadget", query="turn")).items == first.items
        assert (await tools.call("c7_query", here, library="gadget", query="a wheel")).items
    source = site / "gadget" / "__init__.py"
    source.write_text(source.read_text().replace("1.5", "2.55"))
    third = await tools.call("c7_query", here, library="gadget", query="turn")
    assert third.items[0].facts["defaults"]["angle"] == 2.55
    assert first.items[0].facts["defaults"]["angle"] == 1.5
    source.unlink()
    gone = await tools.call("c7_query", here, library="gadget", query="turn")
    assert [item.reference for item in gone.items] == ["gadget@2.1#readme"]


@pytest.mark.parametrize("fault", ["torn", "another format", "a file in the folder's place"])
async def test_an_index_that_cannot_be_used_costs_time_alone(fault, site, context, settings):
    here = context(environment=site)
    first = await tools.call("c7_query", here, library="gadget", query="turn")
    folder = settings.home_path / "cache" / "context7"
    kept = next(folder.glob("*.sqlite"))
    match fault:
        case "torn":
            kept.write_bytes(b"torn" * 5000)
        case "another format":
            kept.unlink()
            with closing(sqlite3.connect(kept)) as connection:
                connection.execute("CREATE TABLE sources (path TEXT)")
                connection.commit()
        case _:
            shutil.rmtree(folder)
            folder.write_text("")
    assert (await tools.call("c7_query", here, library="gadget", query="turn")).items == first.items
    assert (await tools.call("c7_query", here, library="gadget", query="turn")).items == first.items


ASK = """
import asyncio, sys
from pathlib import Path
from nonet import tools
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
context = ToolContext(Settings(home=sys.argv[1], offline=True), environment=Path(sys.argv[2]))
print(asyncio.run(tools.call("c7_query", context, library="gadget", query="turn")).model_dump_json(include={"items"}))
"""


async def test_processes_that_read_at_once_keep_one_index(site, context, settings):
    for number in range(40):
        (site / "gadget" / f"part{number}.py").write_text(f"def turn_{number}(): 'Turn part {number}.'\n")
        _listed(site, f"part{number}.py")
    command = [sys.executable, "-c", ASK, str(settings.home_path), str(site)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {process.communicate(timeout=120)[0] for process in running}
    assert len(said) == 1
    assert "gadget.turn" in said.pop()
    with closing(sqlite3.connect(next((settings.home_path / "cache" / "context7").glob("*.sqlite")))) as connection:
        names, different = connection.execute("SELECT count(*), count(DISTINCT name || line) FROM symbols").fetchone()
    assert names == different > 40


async def test_of_a_large_library_what_is_asked_for_is_read(site, context, monkeypatch):
    (site / "gadget" / "brake.py").write_text("def brake(force=3):\n    'Slow the gadget.'\n")
    _listed(site, "brake.py")
    monkeypatch.setattr(index, "READ_LIMIT", 100)
    here = context(environment=site)
    first = await tools.call("c7_query", here, library="gadget", query="brake force")
    assert first.items[0].reference == "gadget@2.1#gadget.brake.brake"
    assert "sources were read" in first.note
    monkeypatch.setattr(index, "READ_LIMIT", 10_000)
    second = await tools.call("c7_query", here, library="gadget", query="turn")
    assert second.items[0].reference == "gadget@2.1#gadget.turn"
    assert not second.note


def _listed(site: Path, name: str) -> None:
    with (site / "gadget-2.1.dist-info" / "RECORD").open("a") as record:
        record.write(f"gadget/{name},,\n")


OFFERED = {
    "__init__.py": """
from ._core import *
from .parts import Axle as Shaft
from . import loop_a
""",
    "_core.py": """
from typing import overload
__all__ = ["spin", "Motor"]
@overload
def spin(rate: int, /) -> int: ...
@overload
def spin(rate: str, /) -> str: ...
def spin(rate, /):
    "Spin the motor at a rate."
def spin_inner(rate):
    "Spin the motor, for this module alone."
class Motor(Base):
    "A motor that can spin."
    power: int = 5
    "Its power in watts."
    def __init__(self, *, cooled: bool = True):
        "Build a motor."
        self.heat = 0
    @property
    def torque(self) -> float:
        "The torque at its shaft."
    @classmethod
    async def wound(cls, turns=10):
        "Wind a motor."
""",
    "parts.py": 'class Axle:\n    "Carries the wheel."\n',
    "loop_a.py": 'from .loop_b import *\ndef a():\n    "The a of the loop."\n',
    "loop_b.py": 'from .loop_a import *\ndef b():\n    "The b of the loop."\n',
    "_native.pyi": "def compiled(x: int = 3) -> int: ...\n",
    "_add_newdocs.py": '''
add_newdoc("gadget._native", "whirl", """
    whirl(speed, /)
    --

    Whirl about.""")
''',
}


@pytest.fixture
def offered(site: Path) -> Path:
    """A library whose names are offered in the ways that packages have."""
    for name, text in OFFERED.items():
        (site / "gadget" / name).write_text(text)
        _listed(site, name)
    return site


@pytest.mark.parametrize(
    ("query", "name", "shown"),
    [
        ("spin the motor", "gadget.spin", "def spin(rate: int, /) -> int\ndef spin(rate: str, /) -> str\n\nSpin"),
        ("Shaft", "gadget.Shaft", "class Axle"),
        ("Motor", "gadget.Motor", "class Motor(*, cooled: bool = True)\n    # bases: Base\n    power: int = 5  # Its"),
        ("Motor", "gadget.Motor", "A motor that can spin.\n\nBuild a motor."),
        ("torque at the shaft", "gadget.Motor.torque", "@property\ndef torque(self) -> float"),
        ("Motor.wound", "gadget.Motor.wound", "@classmethod\nasync def wound(cls, turns=10)"),
        ("power in watts", "gadget.Motor.power", "power: int = 5"),
        ("the a of the loop", "gadget.loop_a.a", "def a()"),
        ("compiled", "gadget._native.compiled", "def compiled(x: int = 3) -> int"),
        ("whirl", "gadget._native.whirl", "def whirl(speed, /)\n\nWhirl about."),
    ],
)
async def test_what_a_developer_uses_comes_first_by_its_public_name(query, name, shown, offered, context):
    result = await tools.call("c7_query", context(environment=offered), library="gadget", query=query)
    assert result.items[0].reference == f"gadget@2.1#{name}"
    assert shown in result.items[0].excerpt


async def test_the_defaults_of_a_class_are_those_of_its_fields_and_parameters(offered, context):
    result = await tools.call("c7_query", context(environment=offered), library="gadget", query="Motor")
    assert result.items[0].facts["defaults"] == {"power": 5, "cooled": True}


async def test_of_a_long_docstring_what_the_question_is_about_is_shown(site, context):
    filler = "\n\n".join(f"    option_{number} : int\n        {'About other things. ' * 10}" for number in range(60))
    last = "    lock : bool\n        Lock the rear wheels.\n"
    (site / "gadget" / "__init__.py").write_text(
        f"def steer():\n    '''Steer the gadget.\n\n{filler}\n\n{last}    '''\n"
    )
    result = await tools.call("c7_query", context(environment=site), library="gadget", query="steer lock rear wheels")
    excerpt = result.items[0].excerpt
    assert "Steer the gadget." in excerpt
    assert "Lock the rear wheels." in excerpt
    assert "[…]" in excerpt
    assert len(excerpt) <= 4000


async def test_a_version_that_is_not_installed_is_said(site, context):
    here = context(environment=site)
    result = await tools.call("c7_query", here, library="gadget@1.0", query="turn")
    assert result.items[0].reference == "gadget@2.1#gadget.turn"
    assert "2.1 is installed, not 1.0" in result.note
    assert not (await tools.call("c7_query", here, library="gadget@2.1", query="turn")).note


async def test_a_folder_that_is_no_environment_is_refused(tmp_path, context):
    with pytest.raises(ToolError, match="no Python environment"):
        await tools.call("c7_projects_list", context(environment=tmp_path), query="x")

"""The inspector at work on the playbook model, with the real scanner."""

from __future__ import annotations

import pytest
from scanner import context

from nonet.agents.inspector import inspector
from nonet.agents.specialist import Task
from nonet.settings import Settings
from nonet.tools.contract import ToolContext

LOAD = "import torch\n\nmodel = torch.load('m.pt', weights_only=False)\n"
LOSS = "import torch\n\nloss = torch.nn.CrossEntropyLoss()\nvalue = loss(torch.softmax(out, dim=1), target)\n"


@pytest.fixture
def code(tmp_path):
    root = tmp_path / "code"
    (root / "src").mkdir(parents=True)
    (root / "src" / "load.py").write_text(LOAD)
    (root / "loss.py").write_text(LOSS)
    return root


@pytest.mark.parametrize(
    ("queries", "found"),
    [
        ((), {"code/src/load.py:3", "code/loss.py:4"}),
        (("src",), {"code/src/load.py:3"}),
        (("Wrong loss",), {"code/loss.py:4"}),
        ((".: unsafe-loading, loss",), {"code/src/load.py:3", "code/loss.py:4"}),
        (("src: loss",), set()),
    ],
)
async def test_a_query_is_a_path_families_or_both(code, queries, found, tmp_path_factory):
    done = await inspector.run(Task("inspect", "mend it", queries), context(tmp_path_factory, repository=code))
    high = {item.reference for item in done.evidence if item.facts["severity"] == "high"}
    assert high == found
    assert any("Files scanned" in note for note in done.notes)


async def test_a_path_that_is_not_there_leaves_a_note(code, tmp_path_factory):
    done = await inspector.run(Task("inspect", "", ("absent.py",)), context(tmp_path_factory, repository=code))
    assert done.evidence == []
    assert "absent.py" in done.notes[0]


async def test_without_code_it_says_what_is_missing():
    done = await inspector.run(Task("inspect", ""), ToolContext(Settings(offline=True)))
    assert "--repo" in done.notes[0]

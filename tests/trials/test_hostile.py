"""A hostile ``measure.py`` gets nowhere; the control without confinement shows that each attack is a real one.

The control harms nothing: its targets are a sleeping process, copies and listeners of the test's own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from nonet.errors import TrialError
from nonet.trials import handover
from nonet.trials.confinement import available
from nonet.trials.contract import Access, Unit
from nonet.trials.environment import Environment

DESIGN = {"model": "mean_threshold", "features": 1, "work": 1}

ATTACKS = """
import os, socket, signal
_open_file = __builtins__["open"] if isinstance(__builtins__, dict) else __builtins__.open
_plain_open = open
STAGES = {}

def open(design, stages):
    STAGES.update(stages)
    return _plain_open(design, stages)

def read_questions(t):
    return _open_file(t["questions"]).read()

def list_the_run_folder(t):
    return os.listdir(t["run"])

def read_environ_of_nonet(t):
    return _open_file(f"/proc/{t['victim']}/environ", "rb").read().decode()

def signal_nonet(t):
    os.kill(t["victim"], signal.SIGUSR1)

def signal_parent(t):
    os.kill(os.getppid(), 0)

def edit_the_evaluator(t):
    _open_file(t["evaluator"], "a").write("# hostile")

def edit_the_project(t):
    _open_file(t["project"], "a").write("# hostile")

def plant_a_pth(t):
    _open_file(t["pth"], "w").write("import os")

def write_into_a_shared_stage(t):
    _open_file(STAGES["model"] / "model.json", "a").write(" ")

def add_to_a_shared_stage(t):
    _open_file(STAGES["columns"] / "more", "w").write("x")

def remove_a_shared_stage(t):
    os.rename(STAGES["columns"], str(STAGES["columns"]) + ".gone")

def reach_tcp(t):
    socket.create_connection(("127.0.0.1", t["tcp"]), timeout=3).close()

def reach_udp(t):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", t["udp"]))

def reach_an_abstract_socket(t):
    socket.socket(socket.AF_UNIX).connect(chr(0) + t["abstract"])

def hostile(self, units):
    found = []
    for unit in units:
        target = unit["features"]
        try:
            found.append({"done": True, "saw": globals()[target["attack"]](target)})
        except OSError as error:
            found.append({"done": False, "error": type(error).__name__})
    return found

System.run = hostile
"""
NAMES = [
    "read_questions",
    "list_the_run_folder",
    "read_environ_of_nonet",
    "signal_nonet",
    "signal_parent",
    "edit_the_evaluator",
    "edit_the_project",
    "plant_a_pth",
    "reach_tcp",
    "reach_udp",
    "reach_an_abstract_socket",
]
ON_STAGES = ["write_into_a_shared_stage", "add_to_a_shared_stage", "remove_a_shared_stage"]


@dataclass
class Scene:
    """What is attacked, and how the attack went."""

    bench: Any
    targets: dict[str, Any]
    victim: subprocess.Popen[bytes]

    def attack(self, name: str) -> dict[str, Any]:
        unit = Unit(name, {"attack": name, **self.targets}, label=None, content=name)
        return self.bench.laboratory.outputs(DESIGN, [unit])[0]


@pytest.fixture
def scene(
    bench: Callable[..., Any], altered: Callable[[str], Path], environment: Environment, tmp_path: Path
) -> Iterator[Callable[[str], Scene]]:
    """Set targets up; the environment is a copy, for the control plants a file in it."""
    own = tmp_path / "environment"
    shutil.copytree(environment.folder, own, symlinks=True)
    victim = subprocess.Popen(["/bin/sleep", "60"], env={"SECRET_KEY": "sk-of-ours"})
    abstract = f"nonet-{os.getpid()}-{time.monotonic_ns()}"
    with (
        socket.socket() as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        unix.bind("\0" + abstract)
        unix.listen()

        def make(isolation: str) -> Scene:
            blueprint = altered(ATTACKS)
            it = bench(blueprint=blueprint, isolation=isolation)
            it.laboratory = type(it.laboratory)(
                blueprint,
                replace(environment, folder=own, python=own / "venv" / "bin" / "python"),
                it.folder,
                it.laboratory.limits,
                it.ledger,
                it.stop,
                isolation,
            )
            (it.folder / "questions.jsonl").write_text("what only the evaluator may see")
            (tmp_path / "evaluator.py").write_text("def score(): ...\n")
            site = next((own / "venv" / "lib").glob("python*")) / "site-packages"
            targets = {
                "questions": str(it.folder / "questions.jsonl"),
                "run": str(it.folder),
                "victim": victim.pid,
                "evaluator": str(tmp_path / "evaluator.py"),
                "project": str(blueprint / "project" / "threshold" / "models.py"),
                "pth": str(site / "hostile.pth"),
                "tcp": tcp.getsockname()[1],
                "udp": udp.getsockname()[1],
                "abstract": abstract,
            }
            it.laboratory.build(DESIGN)
            return Scene(it, targets, victim)

        yield make
    victim.kill()
    victim.wait()


@pytest.mark.usefixtures("confined")
def test_every_attack_fails_under_confinement(scene: Callable[[str], Scene]) -> None:
    it = scene("require")
    went = {name: it.attack(name) for name in [*NAMES, *ON_STAGES]}
    assert {name: each["done"] for name, each in went.items()} == dict.fromkeys(went, False)
    assert it.victim.poll() is None
    assert not Path(it.targets["pth"]).exists()
    assert "hostile" not in Path(it.targets["evaluator"]).read_text() + Path(it.targets["project"]).read_text()
    assert all(it.bench.laboratory.store.intact(stage.key) for stage in it.bench.laboratory.stages(DESIGN))
    assert it.bench.laboratory.isolation.startswith("sandlock (Landlock ABI ")


def test_the_control_every_attack_is_a_real_one(scene: Callable[[str], Scene]) -> None:
    it = scene("none")
    went = {name: it.attack(name) for name in NAMES}
    assert {name: each["done"] for name, each in went.items()} == dict.fromkeys(went, True)
    assert went["read_questions"]["saw"] == "what only the evaluator may see"
    assert "sk-of-ours" in went["read_environ_of_nonet"]["saw"]
    assert it.victim.wait(5) == -signal.SIGUSR1
    assert Path(it.targets["pth"]).exists()
    assert it.bench.laboratory.isolation == "none (asked for)"


@pytest.mark.parametrize("attack", ON_STAGES)
def test_the_control_a_changed_stage_is_reported_and_built_anew(scene: Callable[[str], Scene], attack: str) -> None:
    it = scene("none")
    with pytest.raises(TrialError, match="shared stage"):
        it.attack(attack)
    assert not all(stage.built for stage in it.bench.laboratory.stages(DESIGN))


@pytest.mark.usefixtures("confined")
def test_a_design_that_names_a_host_reaches_that_port_and_no_other(
    bench: Callable[..., Any], altered: Callable[[str], Path], environment: Environment
) -> None:
    blueprint = altered(ATTACKS)
    it = bench(blueprint=blueprint)
    with socket.socket() as named, socket.socket() as other:
        for each in (named, other):
            each.bind(("127.0.0.1", 0))
            each.listen()
        port = named.getsockname()[1]
        laboratory = type(it.laboratory)(
            blueprint,
            environment,
            it.folder,
            it.laboratory.limits,
            it.ledger,
            it.stop,
            "require",
            lambda design: Access((f"127.0.0.1:{port}",)),
        )
        units = [Unit(str(p), {"attack": "reach_tcp", "tcp": p}, None, str(p)) for p in (port, other.getsockname()[1])]
        assert [each["done"] for each in laboratory.outputs(DESIGN, units)] == [True, False]


@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_links_that_lead_out_are_not_taken_back(
    bench: Callable[..., Any], altered: Callable[[str], Path], isolation: str
) -> None:
    code = "def build(stage, design, data, parents, out):\n"
    code += "    (out / 'model.json').symlink_to('/etc/hostname')\n    return {}\n"
    it = bench(blueprint=altered(code), isolation=isolation)
    with pytest.raises(TrialError, match=r"model\.json, which is no plain file"):
        it.laboratory.build(DESIGN)


@pytest.mark.parametrize("kind", ["link", "pipe", "missing", "short", "nonsense"])
def test_outputs_are_taken_from_a_plain_file_only(tmp_path: Path, kind: str) -> None:
    (tmp_path / "labels").write_text("1\n")
    path = tmp_path / "outputs.jsonl"
    match kind:
        case "link":
            path.symlink_to(tmp_path / "labels")
        case "pipe":
            os.mkfifo(path)
        case "short":
            path.write_text("")
        case "nonsense":
            path.write_text("{\n")
        case _:
            pass
    with pytest.raises(TrialError):
        handover.outputs(path, 1)
    assert handover.outputs(tmp_path / "labels", 1) == [1]


def test_the_control_a_double_forked_child_survives_killing_the_process_group(tmp_path: Path) -> None:
    """``test_worker`` shows that it does not survive a warden."""
    program = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork():\n        os._exit(0)\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n    time.sleep(30)\n    os._exit(0)\n"
        "time.sleep(30)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # raises where it is gone


def test_where_nothing_confines_the_record_says_why() -> None:
    found = available()
    assert found.kind.startswith("sandlock (Landlock ABI " if found.enforced else "none (")

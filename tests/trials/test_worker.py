"""The protocol holds whatever user code does, limits hold, and nothing outlives a worker."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nonet.errors import Stopped, StorageError, TrialError, TrialTimeout
from nonet.trials.confinement import Confinement, available, confinement
from nonet.trials.environment import Environment
from nonet.trials.worker import Limits, Worker

UNIT = {"key": "u", "features": {"x": [1.0]}}
OPEN = {"design": {}, "stages": {}}


@pytest.fixture(params=["confined", "bare"])
def kind(request: pytest.FixtureRequest) -> Confinement:
    if request.param == "bare":
        return confinement("none")
    found = available()
    if not found.enforced:
        pytest.skip(f"no sandbox here: {found.kind}")
    return found


@pytest.fixture
def start(environment: Environment, tmp_path: Path, kind: Confinement) -> Callable[..., Worker]:
    """Start a worker whose ``System.run`` has the given body (``units`` is its argument)."""

    def make(body: str, limits: Limits | None = None, **options: Any) -> Worker:
        folder = tmp_path / f"worker{len(list(tmp_path.glob('worker*')))}"
        (folder / "out").mkdir(parents=True)
        (folder / "project").mkdir()
        indented = "\n".join(f"        {line}" for line in body.splitlines())
        (folder / "measure.py").write_text(
            "import os, sys, time, subprocess\n_open = open\nclass System:\n    def run(self, units):\n"
            f"{indented}\ndef open(design, stages):\n    return System()\n"
        )
        worker = Worker(
            environment,
            folder / "measure.py",
            folder / "project",
            kind,
            [],
            folder / "out",
            limits or Limits(seconds=20, memory="300M", processes=12),
            **options,
        )
        worker.call("open", **OPEN)
        return worker

    return make


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def run(worker: Worker, timeout: float | None = None) -> dict[str, Any]:
    return worker.call("run", timeout, units=[UNIT], out=str(worker._out / "outputs.jsonl"))


def test_prints_of_user_code_do_not_corrupt_the_protocol(start: Callable[..., Worker]) -> None:
    body = "print('{\"ok\": false}')\nos.write(1, b'raw noise\\n')\nsys.stdin.read()\n"
    body += "subprocess.run([sys.executable, '-c', 'print(1)'])\nprint('x' * 500_000)\nreturn [1]"
    with start(body) as worker:
        assert run(worker)["outputs"] == 1
        assert run(worker)["peak_memory_bytes"] > 1e6


def test_what_user_code_raises_is_told_and_the_worker_lives_on(start: Callable[..., Worker]) -> None:
    with start("if not hasattr(self, 'n'):\n    self.n = 1\n    raise KeyError('chunk')\nreturn [2]") as worker:
        with pytest.raises(TrialError, match="KeyError: 'chunk'") as caught:
            run(worker)
        assert "measure.py" in "".join(caught.value.__notes__)
        assert run(worker)["outputs"] == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return []", "0 outputs for 1 units"),
        ("return [object()]", "not JSON serializable"),
        ("return [float('nan')]", "not JSON compliant|Out of range"),
        ("sys.exit(0)", "SystemExit"),
        ("return None", "TypeError"),
    ],
)
def test_outputs_that_are_none_are_refused(start: Callable[..., Worker], body: str, says: str) -> None:
    with start(body) as worker, pytest.raises(TrialError, match=says):
        run(worker)


def test_a_crash_tells_how_and_the_last_words(start: Callable[..., Worker]) -> None:
    with start("print('loading index', file=sys.stderr)\nos.kill(os.getpid(), 11)") as worker:
        with pytest.raises(TrialError, match=r"signal 11.*loading index"):
            run(worker)
        with pytest.raises(TrialError, match="has ended"):
            run(worker)


def test_a_full_disk_in_the_worker_is_a_storage_error(start: Callable[..., Worker]) -> None:
    with start("raise OSError(28, 'No space left on device')") as worker, pytest.raises(StorageError, match="out"):
        run(worker)


@pytest.mark.parametrize(
    ("writes", "says"),
    [("b'nonsense\\n'", "malformed"), ("b'[1]\\n'", "malformed"), ("b'x' * 300_000", "longer than")],
)
def test_forged_answers_are_refused(start: Callable[..., Worker], writes: str, says: str) -> None:
    # The private descriptors can be found by code that looks for them; what it then writes must not be believed.
    body = f"for fd in range(3, 12):\n    try:\n        os.write(fd, {writes})\n    except OSError:\n        pass\n"
    limits = Limits(seconds=20, memory="300M", reply_bytes=100_000)
    with start(body + "time.sleep(5)", limits) as worker, pytest.raises(TrialError, match=says):
        run(worker)


def test_an_answer_before_the_question_is_refused(start: Callable[..., Worker]) -> None:
    forged = 'b\'{"ok": true}\\n{"ok": true}\\n\''
    body = f"for fd in range(3, 12):\n    try:\n        os.write(fd, {forged})\n    except OSError:\n        pass\n"
    with start(body + "return [1]") as worker:
        run(worker)
        with pytest.raises(TrialError, match="before it was asked"):
            run(worker)


def test_the_time_limit_ends_the_whole_tree(start: Callable[..., Worker], tmp_path: Path) -> None:
    body = "_open('pids', 'w').write(' '.join([str(subprocess.Popen(['/bin/sleep', '60']).pid), str(os.getpid())]))\n"
    with start(body + "time.sleep(60)") as worker:
        began = time.monotonic()
        with pytest.raises(TrialTimeout, match=r"more than 1\.5 s"):
            run(worker, 1.5)
        assert time.monotonic() - began < 4
        pids = [int(pid) for pid in (worker._out / "pids").read_text().split()]
        assert len(pids) == 2
        assert not any(alive(pid) for pid in pids)


def test_the_memory_limit_counts_children_and_names_itself(start: Callable[..., Worker]) -> None:
    hog = "x = bytearray(b'1' * (80 << 20)); import time; time.sleep(20)"
    body = f"for _ in range(6):\n    subprocess.Popen([sys.executable, '-c', {hog!r}])\ntime.sleep(20)"
    with start(body) as worker, pytest.raises(TrialError, match="more than 300M of memory"):
        run(worker)


def test_memory_that_is_only_reserved_does_not_count(start: Callable[..., Worker]) -> None:
    with start("import mmap\nself.kept = mmap.mmap(-1, 4 << 30)\nreturn [1]") as worker:
        assert run(worker)["outputs"] == 1


def test_the_process_limit_holds(start: Callable[..., Worker]) -> None:
    body = "for _ in range(40):\n    subprocess.Popen(['/bin/sleep', '20'])\n    time.sleep(.02)\ntime.sleep(5)\n"
    with start(body) as worker, pytest.raises(TrialError, match=r"processes|unavailable|not permitted"):
        run(worker)


def test_the_stop_event_ends_the_call_at_once(start: Callable[..., Worker]) -> None:
    stop = threading.Event()
    with start("time.sleep(60)", stop=stop) as worker:
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            run(worker)
        assert time.monotonic() - began < 2


def test_a_double_forked_child_in_its_own_session_is_gone_with_its_worker(start: Callable[..., Worker]) -> None:
    body = "if os.fork() == 0:\n    os.setsid()\n    if os.fork():\n        os._exit(0)\n"
    body += "    _open('pid', 'w').write(str(os.getpid()))\n    time.sleep(60)\n    os._exit(0)\n"
    body += "while not (os.path.exists('pid') and _open('pid').read()):\n    time.sleep(.01)\nreturn [1]"
    with start(body) as worker:
        run(worker)
        pid = int((worker._out / "pid").read_text())
        assert alive(pid)
    assert not alive(pid)


def test_secrets_of_ours_do_not_reach_the_worker(start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    with start("return [[dict(os.environ), _open('/proc/self/environ').read()]]", variables={"NAMED": "yes"}) as worker:
        run(worker)
        seen = (worker._out / "outputs.jsonl").read_text()
    assert "very-secret" not in seen
    assert '"NAMED": "yes"' in seen
    assert '"PYTHONHASHSEED": "0"' in seen


def test_kill_9_of_nonet_ends_the_worker(environment: Environment, tmp_path: Path, kind: Confinement) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "measure.py").write_text(
        "import os, time\ndef ingest(source, out, inputs):\n"
        "    (out / 'pid').write_text(str(os.getpid()))\n    time.sleep(60)\n"
    )
    program = (
        "import sys; from pathlib import Path\n"
        "from nonet.trials.worker import Worker, Limits\nfrom nonet.trials.confinement import confinement\n"
        "from nonet.trials.environment import _read\n"
        f"folder = Path({str(tmp_path)!r})\n"
        f"worker = Worker(_read(Path({str(environment.folder)!r})), folder / 'measure.py', folder, "
        f"confinement({'auto' if kind.enforced else 'none'!r}), [], folder / 'out', Limits())\n"
        "worker.call('ingest', source='.', out=str(folder / 'out'), inputs={})\n"
    )
    nonet = subprocess.Popen([sys.executable, "-c", program])
    try:
        pid_file = tmp_path / "out" / "pid"
        for _ in range(200):
            if pid_file.exists() and pid_file.read_text():
                break
            time.sleep(0.05)
        pid = int(pid_file.read_text())
        assert alive(pid)
    finally:
        os.kill(nonet.pid, 9)
        nonet.wait()
    for _ in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid)


def test_who_reached_a_service_is_asked_to_leave(environment: Environment, tmp_path: Path, kind: Confinement):
    measure = tmp_path / "measure.py"
    measure.write_text(
        "import time\nclass System:\n    def run(self, units):\n        time.sleep(30)\n"
        "_open = open\ndef open(design, stages):\n    return System()\n"
        "def leave():\n    _open('left', 'w').write('left')\n    raise RuntimeError('it does not matter')\n"
    )

    def ended(name: str, hosts: tuple[str, ...], busy: bool = False) -> bool:
        out = tmp_path / name
        out.mkdir()
        limits = Limits(seconds=20, memory="300M", processes=12)
        with Worker(environment, measure, tmp_path, kind, [], out, limits, hosts=hosts) as worker:
            worker.call("open", **OPEN)
            if busy:
                with pytest.raises(TrialTimeout):
                    worker.call("run", timeout=0.3, units=[UNIT], out=str(out / "o"))
        return (out / "left").exists()

    assert ended("reached", ("tcp://127.0.0.1:9",))
    assert not ended("nothing", ())
    began = time.monotonic()
    assert not ended("busy", ("tcp://127.0.0.1:9",), busy=True)
    assert time.monotonic() - began < 15


def test_system_v_shared_memory_is_for_who_is_granted_it(start: Callable[..., Worker], kind: Confinement):
    if not kind.enforced:
        pytest.skip("nothing is refused without confinement")
    asks = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nfound = libc.shmget(0, 64, 0o1600)\n"
        "if found >= 0:\n    libc.shmctl(found, 0, None)\nreturn [found >= 0]"
    )
    for granted in (False, True):
        with start(asks, system_v=granted) as worker:
            reply = worker.call("run", units=[UNIT], out=str(Path(worker._out) / "o"))
            assert Path(reply["file"]).read_text().strip() == str(granted).lower()

"""The worker: runs a blueprint's ``measure.py`` inside the blueprint's own environment.

Standard library only, and nothing of Nonet. Started as ``python harness.py MEASURE_PY PROJECT``; reads one JSON command
a line on standard input and answers one JSON line on standard output, which is kept apart so that prints of user code
cannot corrupt it. ``measure.py`` imports the project exactly as it ships and offers::

    ingest(source: Path, out: Path, inputs: dict) -> dict[str, float]
        parse the user's files; write out/skipped.jsonl {name, reason}; return counts
    stages(design: dict) -> list[dict]
        in build order: {"name", "fields": [design fields it depends on], "parents": [stage names], "data": bool}
    build(stage: str, design: dict, data: Path, parents: dict[str, Path], out: Path) -> dict[str, float]
        build one stage; return counted resources
    open(design: dict, stages: dict[str, Path]) -> System
        System.run(units: list[dict]) -> list[Json]: one output per unit {"key", "features"}, caches off
        System.time(units, repeat) -> list[list[float]]: optional, milliseconds per unit and repetition
    leave() -> None
        optional; take back what was made on the services that a design names: asked once, before the worker ends

Answers are ``{"ok": true, …, "seconds", "peak_memory_bytes"}`` or ``{"ok": false, "error", "traceback"}``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, cast

LONGEST_TRACEBACK = 16_000
Reply = dict[str, Any]


class Worker:
    """Answers commands with one ``measure`` module and at most one open system."""

    def __init__(self, measure: ModuleType) -> None:
        self._measure = measure
        self._system: Any = None

    def ingest(self, source: str, out: str, inputs: dict[str, Any]) -> Reply:
        """Parse the user's files."""
        return {"counts": _numbers(self._measure.ingest(Path(source), Path(out), inputs), "ingest")}

    def stages(self, design: dict[str, Any]) -> Reply:
        """List the stages of a design, parents before children."""
        seen: set[str] = set()
        plan: list[Reply] = []
        for stage in self._measure.stages(design):
            parents = list(stage.get("parents", []))
            if stage["name"] in seen or not seen.issuperset(parents):
                raise ValueError(f"stages: {stage['name']!r} is named twice or stands before its parents")
            missing = [field for field in stage["fields"] if field not in design]
            if missing:
                raise ValueError(f"stages: {stage['name']!r} depends on unknown fields {missing}")
            seen.add(stage["name"])
            plan.append(
                {
                    "name": stage["name"],
                    "fields": list(stage["fields"]),
                    "parents": parents,
                    "data": bool(stage.get("data", True)),
                }
            )
        return {"stages": plan}

    def build(self, stage: str, design: dict[str, Any], data: str, parents: dict[str, str], out: str) -> Reply:
        """Build one stage into ``out``."""
        paths = {name: Path(path) for name, path in parents.items()}
        counted = self._measure.build(stage, design, Path(data), paths, Path(out))
        return {"resources": _numbers(counted, "build")}

    def open(self, design: dict[str, Any], stages: dict[str, str]) -> Reply:
        """Load a design's system from its built stages."""
        self._system = self._measure.open(design, {name: Path(path) for name, path in stages.items()})
        return {}

    def run(self, units: list[dict[str, Any]], out: str) -> Reply:
        """Run the open system; its outputs go to a file, one JSON value a line, in the order of the units."""
        outputs = self._system.run(units)
        if len(outputs) != len(units):
            raise ValueError(f"run: {len(outputs)} outputs for {len(units)} units")
        with open(out, "w", encoding="utf-8") as file:
            for output in outputs:
                file.write(json.dumps(output, ensure_ascii=False, allow_nan=False) + "\n")
        return {"file": out, "outputs": len(outputs)}

    def time(self, units: list[dict[str, Any]], repeat: int) -> Reply:
        """Time the open system unit by unit, in milliseconds."""
        gc.collect()
        if hasattr(self._system, "time"):
            times = [[float(value) for value in row] for row in self._system.time(units, repeat)]
        else:
            times = list[list[float]]([] for _ in units)
            for _ in range(repeat):
                for unit, row in zip(units, times, strict=True):
                    began = time.perf_counter()
                    self._system.run([unit])
                    row.append((time.perf_counter() - began) * 1000)
        if len(times) != len(units) or any(len(row) != repeat for row in times):
            raise ValueError(f"time: wanted {repeat} times for each of {len(units)} units")
        return {"milliseconds": times}

    def leave(self) -> None:
        """Take back what was made elsewhere; a service that does not answer keeps it."""
        if hasattr(self._measure, "leave"):
            with contextlib.suppress(Exception):
                self._measure.leave()

    def tests(self, project: str, module: list[str], seconds: float) -> Reply:
        """Run a project's own tests with this interpreter."""
        command = [sys.executable, "-B", "-m", *module]
        paths = os.pathsep.join(sys.path[:1])
        done = subprocess.run(
            command,
            cwd=project,
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
        return {"exit": done.returncode, "output": done.stdout[-LONGEST_TRACEBACK:], "command": " ".join(command[2:])}


def _numbers(value: Any, what: str) -> dict[str, float]:
    if not isinstance(value, dict):
        raise TypeError(f"{what}: wanted a dictionary of numbers, got {type(value).__name__}")
    return {str(name): float(number) for name, number in cast("dict[Any, Any]", value).items()}


def peak_memory() -> int:
    """Return the largest resident size so far of this process or of any child it waited for, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def load(measure: Path, project: Path) -> ModuleType:
    """Import ``measure`` with the project's packages importable."""
    sys.dont_write_bytecode = True
    source = project / "src"
    sys.path.insert(0, str(source if source.is_dir() else project))
    spec = importlib.util.spec_from_file_location("measure", measure)
    if spec is None or spec.loader is None:
        raise ImportError(f"{measure} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure"] = module
    spec.loader.exec_module(module)
    return module


def answer(worker: Worker, line: bytes) -> Reply:
    """Carry out one command; whatever user code raises becomes an answer."""
    began = time.perf_counter()
    try:
        command = json.loads(line)
        operation = command.pop("op")
        if operation not in ("ingest", "stages", "build", "open", "run", "time", "tests"):
            raise ValueError(f"unknown operation {operation!r}")
        reply = {"ok": True, **getattr(worker, operation)(**command)}
    except BaseException as error:
        return failure(error)
    return {**reply, "seconds": time.perf_counter() - began, "peak_memory_bytes": peak_memory()}


def failure(error: BaseException) -> Reply:
    """Describe an exception as an answer."""
    text = "".join(traceback.format_exception(error))
    return {"ok": False, "error": f"{type(error).__name__}: {error}"[:2000], "traceback": text[-LONGEST_TRACEBACK:]}


def main() -> None:
    """Keep the protocol's two ends to ourselves, then answer until the other side closes."""
    commands = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)

    def say(reply: Reply) -> None:
        answers.write(json.dumps(reply, allow_nan=False).encode() + b"\n")
        answers.flush()

    try:
        worker = Worker(load(Path(sys.argv[1]), Path(sys.argv[2])))
    except BaseException as error:
        say(failure(error))
        return
    say({"ok": True, "python": sys.version.split()[0]})
    for line in commands:
        if json.loads(line).get("op") == "close":
            worker.leave()
            say({"ok": True, "seconds": 0.0, "peak_memory_bytes": peak_memory()})
            return
        say(answer(worker, line))


if __name__ == "__main__":
    main()

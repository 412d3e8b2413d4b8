"""What does Nonet itself cost? Its time around a graph's steps, its start, its size.

    uv run python evals/overhead.py [--repeats 20] [--no-install]

1. around the steps: the nodes and edges of a workflow with steps that do nothing, strung by Nonet (desk, events, log,
   every step booked) against the same nodes and edges bare in LangGraph; both write SQLite checkpoints, synchronously;
2. start: ``nonet --help`` and ``import nonet`` against ``python -c pass``;
3. size: what installing the wheel into an empty environment takes, package by package.

Arms are interleaved. A ratio is the median of the paired ratios, with the 95 % percentile bootstrap interval.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import numpy as np
from uv import find_uv_bin

import nonet

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = "rag_system"
RESAMPLES = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description="What does Nonet itself cost?")
    parser.add_argument("--repeats", type=int, default=20, help="rounds of every arm (default 20)")
    parser.add_argument("--no-install", action="store_true", help="leave out the size, which needs a package registry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nonet-overhead-") as scratch:
        around(Path(scratch), options.repeats)
        start(options.repeats)
        if not options.no_install:
            install(Path(scratch))


# ---- around the steps -----------------------------------------------------------------------------------------------


def around(scratch: Path, repeats: int) -> None:
    settings = nonet.Settings(home=str(scratch / "home"))
    rounds = range(-1, repeats)  # the first one warms up
    mine, bare = defaultdict[int, float](float), defaultdict[int, float](float)
    for number in rounds:
        mine[number] = asyncio.run(timed(strung(), scratch / f"run-{number}", settings))
        bare[number] = asyncio.run(timed(unadorned(), scratch / f"bare-{number}", None))
    nodes = len(predecessors())
    print(f"## Around the {nodes} steps of {WORKFLOW}\n")
    print("| arm | median ms a run | ms a step | against bare |\n|---|---:|---:|---:|")
    a, b = ([times[number] * 1e3 for number in range(repeats)] for times in (mine, bare))
    for name, times, ratio in (("LangGraph, bare", b, "1"), ("Nonet", a, ratios(a, b))):
        middle = statistics.median(times)
        print(f"| {name} | {middle:.1f} | {middle / nodes:.2f} | {ratio} |")


def predecessors() -> dict[str, list[str]]:
    """Return each node's predecessors, in an order in which they can be added."""
    builder = nonet.graph(WORKFLOW)
    found: dict[str, list[str]] = {name: [] for name in builder.nodes}
    for one, other in builder.edges:
        if other in found and one in found:
            found[other].append(one)
    for several, other in builder.waiting_edges:
        found[other] += several
    return found


def strung() -> Any:
    from nonet.graphs import load
    from nonet.graphs.steps.flow import Flow

    async def nothing(desk: Any, state: Any) -> dict[str, Any]:
        return {}

    flow = Flow(load(WORKFLOW).blueprint)
    for name, after in predecessors().items():
        flow.step(name, nothing, name, after=after[0] if len(after) == 1 else after or None, booked=True)
    return flow.finish(list(predecessors())[-1])


def unadorned() -> Any:
    from langgraph.graph import END, START, StateGraph

    from nonet.state import Request, State

    async def nothing(state: State) -> dict[str, Any]:
        return {}

    builder: Any = StateGraph(State, input_schema=Request)
    for name, after in predecessors().items():
        builder.add_node(name, nothing)
        builder.add_edge(after if len(after) > 1 else after[0] if after else START, name)
    builder.add_edge(list(predecessors())[-1], END)
    return builder


async def timed(builder: Any, folder: Path, settings: nonet.Settings | None) -> float:
    """Run a graph once, as a run is driven, and return its seconds."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    from nonet.graphs.steps import folders

    folders.create(folder, folder.name, WORKFLOW)
    request = {"goal": "Answer questions", "inputs": {"corpus": "docs"}, "folder": str(folder)}
    async with AsyncSqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite")) as saver:
        graph = builder.compile(checkpointer=saver)
        config = {"configurable": {"thread_id": folder.name}}
        began = time.perf_counter()
        context = settings.model_dump() if settings else None
        async for _ in graph.astream(request, config, context=context, stream_mode=["custom"], durability="sync"):
            pass
        return time.perf_counter() - began


# ---- start ----------------------------------------------------------------------------------------------------------


def start(repeats: int) -> None:
    arms = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import nonet'": [sys.executable, "-c", "import nonet"],
        "nonet --help": [str(Path(sys.executable).with_name("nonet")), "--help"],
    }
    times: dict[str, list[float]] = {name: [] for name in arms}
    for number in range(-1, repeats):
        for name, command in arms.items():
            seconds = clocked(lambda command=command: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))
            if number >= 0:
                times[name].append(seconds * 1e3)
    base = times["python -c pass"]
    print("\n## Start\n\n| command | median ms | against python -c pass |\n|---|---:|---:|")
    for name, mine in times.items():
        print(f"| `{name}` | {statistics.median(mine):.1f} | {'1' if mine is base else ratios(mine, base)} |")


def clocked(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratios(mine: Sequence[float], base: Sequence[float]) -> str:
    """Return the median of paired ratios with its 95 % interval."""
    paired = np.asarray(mine) / np.asarray(base)
    draws = np.random.default_rng(0).choice(paired, (RESAMPLES, len(paired)))
    low, high = np.quantile(np.median(draws, axis=1), [0.025, 0.975])
    return f"{np.median(paired):.2f} [{low:.2f}, {high:.2f}]"


# ---- size -----------------------------------------------------------------------------------------------------------


def install(scratch: Path) -> None:
    uv, venv = find_uv_bin(), scratch / "venv"
    subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", str(scratch), str(ROOT)], check=True)
    (wheel,) = scratch.glob("*.whl")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(venv / "bin" / "python"), str(wheel)], check=True)
    (site,) = (venv / "lib").glob("python*/site-packages")
    sizes = {each.metadata["Name"]: extent(each.files or ()) for each in distributions(path=[str(site)])}
    whole = sum(sizes.values())
    print(f"\n## Size of the core install\n\n{whole / 1e6:.0f} MB in {len(sizes)} packages; the largest:\n")
    print("| package | MB | share |\n|---|---:|---:|")
    for name, size in sorted(sizes.items(), key=lambda pair: -pair[1])[:10]:
        print(f"| {name} | {size / 1e6:.1f} | {size / whole:.0%} |")
    print(f"| nonet itself | {sizes['nonet'] / 1e6:.1f} | {sizes['nonet'] / whole:.0%} |")


def extent(files: Sequence[Any]) -> int:
    """Return the bytes of an installed package's files."""
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    main()

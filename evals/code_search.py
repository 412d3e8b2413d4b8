"""Does ``search_code`` keep up with bare ripgrep? The same trees, the same patterns, the same files.

    uv run python evals/code_search.py [--tree FOLDER] [--repeats 20]

FOLDER (default: the site-packages of this environment) should hold 200 MB or more. For each query the tool is called
in this process and bare ripgrep is run with the same pattern, interleaved A B A B …; printed are the medians, their
ratio with a bootstrap interval over the pairs, and whether both found the same files. Bare ripgrep is told what the
tool is: no hidden, ignored or linked files. Queries match on fewer than 1,000 lines.

Exit 1 when a median ratio is over 1.3 or the files differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from nonet import tools
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.sourcegraph import ripgrep
from nonet.trials.statistics import resamples

MOST = 1.3
FEWEST_MB = 200
# name, the tool's query, ripgrep's own arguments for the same
QUERIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("a rare word", "chunk_overlap", ("-i", "-F", "-e", "chunk_overlap")),
    ("an expression", r"/def from_(documents|texts)\b/", ("-i", "-e", r"def from_(documents|texts)\b")),
    ("a word, case kept", "RecursionError case:yes", ("-s", "-F", "-e", "RecursionError")),
    ("lang:", "RetryPolicy case:yes lang:python", ("-s", "-F", "-e", "RetryPolicy", "-g", "*.{py,pyi,ipynb}")),
    ("file:", r"__aenter__ file:client\.py$", ("-i", "-F", "-e", "__aenter__", "-g", "*client.py")),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Time search_code against bare ripgrep.")
    parser.add_argument("--tree", type=Path, default=Path(sysconfig.get_path("purelib")), help="what is searched")
    parser.add_argument("--repeats", type=int, default=20, help="interleaved pairs a query (default 20)")
    options = parser.parse_args()
    size = sum(file.stat().st_size for file in options.tree.rglob("*") if file.is_file()) / 1e6
    print(f"{options.tree.name}: {size:,.0f} MB, {options.repeats} interleaved pairs a query")
    if size < FEWEST_MB:
        print(f"the tree is smaller than {FEWEST_MB} MB", file=sys.stderr)
    rows = [asyncio.run(row(options.tree, options.repeats, *query)) for query in QUERIES]
    print("| query | files | lines | search_code ms | ripgrep ms | ratio | same files |\n|---|---|---|---|---|---|---|")
    for each in rows:
        print("| {name} | {files} | {lines} | {ours} | {bare} | {ratio} [{low}, {high}] | {same} |".format(**each))
    print(json.dumps(rows))
    return 1 if any(each["ratio"] > MOST or not each["same"] for each in rows) else 0


async def row(tree: Path, repeats: int, name: str, query: str, arguments: tuple[str, ...]) -> dict[str, Any]:
    """Time one query both ways."""
    with tempfile.TemporaryDirectory() as home:
        context = ToolContext(Settings(home=home, offline=True), repository=tree)
        ours, bare = list[float](), list[float]()
        told = await tools.call("search_code", context, query=f"{query} select:file", max_results=1000)
        lines = searched(tree, arguments)
        for _ in range(repeats):
            began = time.perf_counter()
            await tools.call("search_code", context, query=query)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            searched(tree, arguments)
            bare.append(time.perf_counter() - began)
    ratios = np.array(ours) / np.array(bare)
    generator = np.random.default_rng(0)
    draws = np.concatenate([np.median(ratios[part], axis=1) for part in resamples(len(ratios), 2000, generator)])
    files = {line.split(":", 1)[0] for line in lines}
    return {
        "name": name,
        "files": len(files),
        "lines": len(lines),
        "ours": round(float(np.median(ours)) * 1000, 1),
        "bare": round(float(np.median(bare)) * 1000, 1),
        "ratio": round(float(np.median(ours) / np.median(bare)), 3),
        "low": round(float(np.quantile(draws, 0.025)), 3),
        "high": round(float(np.quantile(draws, 0.975)), 3),
        "same": files == {item.reference for item in told.items},
    }


def searched(tree: Path, arguments: tuple[str, ...]) -> list[str]:
    """Run bare ripgrep and return its lines, ``path:line:text``."""
    safe = ("--no-config", "--no-require-git", "--no-ignore-dot", "--no-ignore-parent", "--no-messages", "--no-heading")
    command = [ripgrep.binary(), *safe, "--color=never", "--with-filename", "-n", "--max-columns=500", *arguments, "./"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, errors="replace", check=False)
    return [line.removeprefix("./") for line in done.stdout.splitlines() if line]


if __name__ == "__main__":
    sys.exit(main())

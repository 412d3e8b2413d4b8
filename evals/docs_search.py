"""How long does the first answer from a library's documentation take, and how long the next one?

    uv run python evals/docs_search.py --python ENVIRONMENT [--library scikit-learn] [--repeats 5]

ENVIRONMENT is an interpreter, a virtual environment or a site folder that has the library installed. Each repeat has a
home and a process of its own: there ``c7_query`` is asked a first question, for which the library is read, then others,
each another question and each once. A second process with the same home then asks one more. What they import is
imported before the clock runs, so that the first answer is not made to look dear.

Printed are the medians over the repeats (of the next answers, of each repeat's median and of its slowest), and the
ratio of a next answer to the first with a bootstrap interval over the repeats. Exit 1 when the ratio is over 1/20.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np

from nonet import tools
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.ranking import words
from nonet.trials.statistics import bootstrap_interval

MOST = 1 / 20
FIRST = "cross validation with groups"
NEXT = (
    "LogisticRegression class_weight balanced",
    "one hot encode categorical features",
    "calibrate predicted probabilities",
    "early stopping of gradient boosting",
    "train_test_split stratify",
    "Pipeline memory",
    "nearest neighbours with cosine distance",
    "impute missing values",
    "mutual information for feature selection",
)
LATER = "random search over parameters"


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the first and the next answers of c7_query.")
    parser.add_argument("--python", type=Path, required=True, help="environment that has the library")
    parser.add_argument("--library", default="scikit-learn", help="library that is asked about")
    parser.add_argument("--repeats", type=int, default=5, help="fresh homes (default 5)")
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--questions", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.questions:
        seconds = asyncio.run(timed(options.python, options.library, options.home, options.questions))
        print(json.dumps(seconds))
        return 0
    rows = [repeat(options.python, options.library) for _ in range(options.repeats)]
    first, following, slowest, later = (np.array(column) for column in zip(*rows, strict=True))
    ratios = following / first
    interval = bootstrap_interval(lambda drawn: float(np.median(ratios[drawn])), len(rows), np.random.default_rng(0))
    print(f"{options.library}, {len(rows)} fresh homes, {len(NEXT)} next questions each")
    print("| first s | next ms | slowest next ms | first of another process ms | next / first |\n|---|---|---|---|---|")
    shown = [f"{np.median(first):.2f}", *(f"{1000 * np.median(each):.0f}" for each in (following, slowest, later))]
    ratio = f"{interval.value:.4f} [{interval.low:.4f}, {interval.high:.4f}]"
    print(f"| {' | '.join([*shown, ratio])} |")
    print(f"1/{1 / interval.value:.0f} of the first; at most 1/{1 / MOST:.0f} is wanted")
    return 1 if interval.value > MOST else 0


def repeat(python: Path, library: str) -> tuple[float, float, float, float]:
    """Return seconds: of the first answer, of the median and the slowest next one, of another process's first."""
    with tempfile.TemporaryDirectory() as home:
        first, *following = asked(python, library, home, (FIRST, *NEXT))
        (later,) = asked(python, library, home, (LATER,))
    return first, float(np.median(following)), max(following), later


def asked(python: Path, library: str, home: str, questions: tuple[str, ...]) -> list[float]:
    """Ask in a process of its own; return the seconds of each answer."""
    command = [sys.executable, __file__, "--python", str(python), "--library", library, "--home", home]
    done = subprocess.run([*command, "--questions", *questions], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


async def timed(python: Path, library: str, home: Path, questions: list[str]) -> list[float]:
    """Ask one question after another, each of which must be answered from the installed library."""
    import_module("griffe")
    tools.get("c7_query")
    words("load the stemmer")
    context = ToolContext(Settings(home=str(home), offline=True), environment=python)
    seconds: list[float] = []
    for question in questions:
        began = time.perf_counter()
        result = await tools.call("c7_query", context, library=library, query=question)
        seconds.append(time.perf_counter() - began)
        if not any(item.facts.get("installed") for item in result.items):
            sys.exit(f"{library} does not answer {question!r}: {result.note or result.items[0].excerpt}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())

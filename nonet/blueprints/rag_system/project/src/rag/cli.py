"""The ``rag`` command line."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rag.errors import RagError
from rag.settings import find_root, load

WHERE = "only documents that meet a condition: year>=2020, folder=guides, 'kind in (markdown, pdf)'; may be repeated"


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    whole = argparse.ArgumentParser(prog="rag", description="Question answering over a folder of documents.")
    whole.add_argument("--project", help="the project folder (default: $RAG_PROJECT, this folder, or where rag lies)")
    verbs = whole.add_subparsers(dest="verb", required=True)
    index = verbs.add_parser("index", help="bring the index up to date with the documents")
    index.add_argument("corpus", nargs="?", help="folder of documents (default: the corpus of settings.json)")
    index.add_argument("--fresh", action="store_true", help="build everything anew, reuse nothing")
    ask = verbs.add_parser("ask", help="answer a question, citing sources")
    ask.add_argument("question")
    search = verbs.add_parser("search", help="find documents")
    search.add_argument("question", nargs="?")
    search.add_argument("--questions", type=Path, help="JSONL of questions, each with a text")
    search.add_argument("--k", type=_within(int, 1, 100), default=10, help="how many documents, up to 100 (default 10)")
    for verb in (ask, search):
        verb.add_argument("--where", action="append", default=[], metavar="CONDITION", help=WHERE)
    serve = verbs.add_parser("serve", help="serve /health, /metrics, /ask and /search over HTTP")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_within(int, 0, 65535), default=8000, help="default 8000; 0 takes a free one")
    measure = verbs.add_parser("measure", help="score the index on questions with known documents")
    replay = verbs.add_parser("replay", help="replay questions through the caches: hits, wrong hits, times")
    replay.add_argument("--log", type=Path, help="JSONL of real questions in the order they were asked")
    replay.add_argument(
        "--repeat-rate", type=_within(float, 0, 0.95), default=0.3, help="of drawn requests (default 0.3)"
    )
    replay.add_argument("--reworded", type=_within(float, 0, 1), default=0.5, help="of drawn repeats (default 0.5)")
    replay.add_argument("--seed", type=int, default=0, help="of the drawing (default 0)")
    under = verbs.add_parser("load", help="ask a server at a fixed rate: percentiles, errors")
    under.add_argument("--url", help="a running server (default: one is started for the test)")
    under.add_argument("--rate", type=_within(float, 0.01, 5000), default=20, help="requests a second (default 20)")
    under.add_argument("--seconds", type=_within(float, 0.1, 3600), default=10, help="for how long (default 10)")
    under.add_argument("--path", choices=("/ask", "/search"), default="/ask", help="what is asked (default /ask)")
    for verb in (measure, replay, under):
        verb.add_argument("--questions", type=Path, help="JSONL (default: the project's questions.jsonl)")
    for verb in (ask, serve, under):
        verb.add_argument("--no-cache", action="store_true", help="answer anew, whatever was answered before")
    for verb in (index, ask, search, measure, replay, under):
        verb.add_argument("--json", action="store_true", help="print JSON")
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 with one line on stderr when the user can mend it."""
    options = parser().parse_args(arguments)
    try:
        settings = load(find_root(options.project))
        from rag import verbs

        return verbs.RUN[options.verb](options, settings)
    except RagError as error:
        print(f"rag: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _within(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not (math.isfinite(value) and low <= value <= high):
            raise argparse.ArgumentTypeError(f"must be from {low:g} to {high:g}")
        return value

    number.__name__ = "number"  # argparse names it where the text is none
    return number

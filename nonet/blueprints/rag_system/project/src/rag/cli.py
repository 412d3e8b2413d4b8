"""The ``rag`` command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rag.errors import RagError
from rag.settings import Settings, find_root, load


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    whole = argparse.ArgumentParser(prog="rag", description="Question answering over a folder of documents.")
    whole.add_argument("--project", help="the project folder (default: $RAG_PROJECT, this folder, or where rag lies)")
    verbs = whole.add_subparsers(dest="verb", required=True)
    index = verbs.add_parser("index", help="build the index")
    index.add_argument("corpus", nargs="?", help="folder of documents (default: the corpus of settings.json)")
    ask = verbs.add_parser("ask", help="answer a question, citing sources")
    ask.add_argument("question")
    ask.add_argument("--no-cache", action="store_true", help="answer anew")
    search = verbs.add_parser("search", help="find documents")
    search.add_argument("question", nargs="?")
    search.add_argument("--questions", type=Path, help="JSONL of questions, each with a text")
    search.add_argument("--k", type=_positive, default=10, help="how many documents, up to 100 (default 10)")
    serve = verbs.add_parser("serve", help="serve /health, /ask and /search over HTTP")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    measure = verbs.add_parser("measure", help="score the index on questions with known documents")
    measure.add_argument("--questions", type=Path, help="JSONL (default: the project's questions.jsonl)")
    for verb in (index, ask, search, measure):
        verb.add_argument("--json", action="store_true", help="print JSON")
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 with one line on stderr when the user can mend it."""
    options = parser().parse_args(arguments)
    try:
        settings = load(find_root(options.project))
        return {"index": _index, "ask": _ask, "search": _search, "serve": _serve, "measure": _measure}[options.verb](
            options, settings
        )
    except RagError as error:
        print(f"rag: {error}", file=sys.stderr)
        return 2


def _index(options: argparse.Namespace, settings: Settings) -> int:
    from rag.system import index

    corpus = Path(options.corpus).resolve() if options.corpus else settings.corpus
    if corpus is None:
        raise RagError("No corpus: name a folder, `rag index FOLDER`, or set it in settings.json.")
    counted = index(settings, corpus)
    if options.json:
        print(json.dumps(counted))
    else:
        print(", ".join(f"{name} {value:,.6g}" for name, value in counted.items()))
        if counted["skipped"]:
            print(f"what was skipped, and why: {settings.artifacts / 'skipped.jsonl'}")
    return 0


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    from rag import chat
    from rag.system import answer_cache, open_shipped

    model = chat.configured()
    system = open_shipped(settings)
    if options.no_cache:
        answer = system.ask(options.question, model)
    else:
        answer = system.ask_cached(options.question, model, answer_cache(settings, model))
    if options.json:
        print(json.dumps(asdict(answer), ensure_ascii=False))
        return 0
    print(answer.answer)
    for source in answer.sources:
        print(f"  [{source['citation']}] {source['doc']} · chunk {source['chunk']} · {source['score']:.3f}")
    print(answer.note)
    return 0


def _search(options: argparse.Namespace, settings: Settings) -> int:
    from rag import questions
    from rag.system import open_shipped

    if (options.question is None) == (options.questions is None):
        raise RagError('Give one question, `rag search "…"`, or a file of them, `rag search --questions FILE`.')
    asked = (
        questions.read(options.questions) if options.questions else [questions.Question("1", options.question.strip())]
    )
    system = open_shipped(settings)
    for question in asked:
        docs = [doc for doc, _ in system.search(question.text).docs[: options.k]]
        if options.json:
            print(json.dumps({"id": question.id, "docs": docs}, ensure_ascii=False))
        else:
            print("\n".join([question.text, *(f"  {rank}. {doc}" for rank, doc in enumerate(docs, 1))]))
    return 0


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    import uvicorn

    from rag.serve import application

    uvicorn.run(application(settings), host=options.host, port=options.port)
    return 0


def _measure(options: argparse.Namespace, settings: Settings) -> int:
    from rag import evaluation, questions
    from rag.system import open_shipped

    path = options.questions or settings.root / "questions.jsonl"
    if not path.is_file():
        raise RagError(f"No questions at {path}; name a JSONL file with --questions.")
    found = evaluation.measure(open_shipped(settings), questions.read(path))
    before = evaluation.recorded(settings.root / "measurements.json")
    if options.json:
        print(json.dumps({"measured": found, "recorded": {name: before[name] for name in found if name in before}}))
        return 0
    for name, value in found.items():
        print(f"{name:20} {value:10.4g}" + (f"   recorded {before[name]:.4g}" if name in before else ""))
    if before:
        print("Recorded: measurements.json, on the questions of that measurement.")
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError("must be from 1 to 100")
    return number

"""What each verb of the command line does; what it needs is imported when it is called."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from rag.errors import QuestionsError, RagError
from rag.questions import Question, read
from rag.settings import CacheSettings, Settings

OFF = CacheSettings(retrieval=False, similar=False, responses=False)


def index(options: argparse.Namespace, settings: Settings) -> int:
    """Build or update the index and say what changed."""
    from rag import indexing

    corpus = Path(options.corpus).resolve() if options.corpus else settings.corpus
    if corpus is None:
        raise RagError("No corpus: name a folder, `rag index FOLDER`, or set it in settings.json.")
    counted = indexing.index(settings, corpus, options.fresh)
    if options.json:
        print(json.dumps(counted))
        return 0
    print(", ".join(f"{name} {value:,.6g}" for name, value in counted.items()))
    if settings.design.lexical:
        print("BM25's part is always built anew: it is cheap, and every document changes its statistics.")
    if counted["skipped"]:
        print(f"what was skipped, and why: {settings.artifacts / 'skipped.jsonl'}")
    return 0


def ask(options: argparse.Namespace, settings: Settings) -> int:
    """Print an answer and its sources."""
    from rag import chat, filters
    from rag.cache import cached
    from rag.system import open_shipped

    where = [filters.parse(text) for text in options.where]
    system = cached.shipped(open_shipped(settings), _caches(options, settings), chat.configured(settings.chat))
    answer = system.ask(options.question, where)
    system.close()
    if options.json:
        print(json.dumps(asdict(answer), ensure_ascii=False))
        return 0
    print(answer.answer)
    for source in answer.sources:
        print(f"  [{source['citation']}] {source['doc']} · chunk {source['chunk']} · {source['score']:.3f}")
    print(answer.note)
    return 0


def search(options: argparse.Namespace, settings: Settings) -> int:
    """Print the documents found for one question or many."""
    from rag import filters
    from rag.system import open_shipped

    if (options.question is None) == (options.questions is None):
        raise RagError('Give one question, `rag search "…"`, or a file of them, `rag search --questions FILE`.')
    asked = read(options.questions) if options.questions else [Question("1", options.question.strip())]
    where = [filters.parse(text) for text in options.where]
    system = open_shipped(settings)
    for question in asked:
        docs = [doc for doc, _ in system.search(question.text, where).docs[: options.k]]
        if options.json:
            print(json.dumps({"id": question.id, "docs": docs}, ensure_ascii=False))
        else:
            print("\n".join([question.text, *(f"  {rank}. {doc}" for rank, doc in enumerate(docs, 1))]))
    return 0


def serve(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until told to stop."""
    from rag.server import run

    with run.listen(options.host, options.port) as taken:
        from rag import chat
        from rag.cache import cached
        from rag.server.application import application
        from rag.system import open_shipped

        system = cached.shipped(open_shipped(settings), _caches(options, settings), chat.configured(settings.chat))
        run.serve(application(system), taken)
    return 0


def measure(options: argparse.Namespace, settings: Settings) -> int:
    """Print the scores of the index beside those recorded."""
    from rag import evaluation

    found = evaluation.measure(settings, _questions(options, settings))
    before = evaluation.recorded(settings.root / "measurements.json")
    if options.json:
        print(json.dumps({"measured": found, "recorded": {name: before[name] for name in found if name in before}}))
        return 0
    for name, value in found.items():
        print(f"{name:24} {value:10.4g}" + (f"   recorded {before[name]:.4g}" if name in before else ""))
    if before:
        print("Recorded: measurements.json, on the questions of that measurement.")
    print("\n".join(evaluation.doubts(found)))
    return 0


def replay(options: argparse.Namespace, settings: Settings) -> int:
    """Print what the caches do on a log of questions, or on drawn ones."""
    from rag.replay import judging, report, requests
    from rag.system import open_shipped

    default = settings.root / "questions.jsonl"
    if options.log:
        known = read(options.questions or default) if options.questions or default.is_file() else []
        asked = requests.logged(read(options.log), known)
    else:
        asked = requests.drawn(_questions(options, settings), options.repeat_rate, options.reworded, options.seed)
    found = judging.judged(open_shipped(settings), asked.asked, settings.cache)
    if options.json:
        rates = {"requests": len(asked.asked), "repeat_rate": asked.repeats, "reworded_rate": asked.reworded}
        print(json.dumps({**rates, "caches": {name: judged.json() for name, judged in found.items()}}))
    else:
        print("\n".join(report.lines(asked, found)))
    return 0


def load(options: argparse.Namespace, settings: Settings) -> int:
    """Print what a server answers at a fixed rate."""
    from rag.load import generator, local

    plan = generator.Plan(options.path, options.rate, options.seconds)
    texts = [question.text for question in _questions(options, settings)]
    if options.url:
        if options.no_cache:
            raise RagError("--no-cache is for the server that a test starts itself; start yours with it.")
        outcome = generator.run(options.url, texts, plan)
    else:
        with local.server(settings.root, *(["--no-cache"] if options.no_cache else [])) as url:
            outcome = generator.run(url, texts, plan)
    found = outcome.summary()
    if options.json:
        print(json.dumps({**found, "errors": dict(outcome.errors)}))
        return 0
    for name, value in found.items():
        print(f"{name:18} {value:10.4g}")
    for what, count in outcome.errors.most_common():
        print(f"{count} failed: {what}")
    print("Latencies count from the time a request was due, of those answered.")
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace, Settings], int]] = {
    "index": index,
    "ask": ask,
    "search": search,
    "serve": serve,
    "measure": measure,
    "replay": replay,
    "load": load,
}


def _caches(options: argparse.Namespace, settings: Settings) -> Settings:
    return replace(settings, cache=OFF) if options.no_cache else settings


def _questions(options: argparse.Namespace, settings: Settings) -> list[Question]:
    path: Path = options.questions or settings.root / "questions.jsonl"
    if not path.is_file():
        raise QuestionsError(f"No questions at {path}; name a JSONL file with --questions.")
    return read(path)

"""Do made questions choose the designs that real questions would? Runs the product's own trials and scorer.

    uv run python evals/made_questions.py --data FOLDER [--minilm] [--work FOLDER]

FOLDER (or NONET_DATA) holds collections in BEIR's layout with real questions, at any depth. On each, a dozen cheap
designs are built and measured twice by the blueprint's own laboratory: on the real questions, and on made ones, whose
words are hidden. Titles play the part of headings. Collections have no docstrings and no links: nothing is measured of
those. With ``--work`` the trials are kept there, and a second run only computes.

1. agreement: how the designs' means on made questions of a kind follow those on real ones (Pearson), and the regret of
   choosing by N made questions: what the chosen design loses against the best one on all the real questions;
2. mixtures: the same for shares of the two kinds, from which ``made/quotas.py`` takes its table;
3. beside a few real questions: the regret of choosing by n real and m made ones together, each counting alike.

Intervals are 95 % percentile intervals of a bootstrap over real and made questions.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nonet import blueprints
from nonet.blueprints.rag_system import documents, question_files, questions, scoring
from nonet.blueprints.rag_system.hiding import Hider
from nonet.blueprints.rag_system.inputs import Inputs
from nonet.blueprints.rag_system.made import headings, sentences
from nonet.blueprints.rag_system.made.question import Made, ordered
from nonet.settings import load
from nonet.state import Json
from nonet.trials.contract import Unit
from nonet.trials.environment import prepare
from nonet.trials.laboratory import Laboratory
from nonet.trials.ledger import Ledger
from nonet.trials.worker import Limits

Floats = NDArray[np.float64]
KINDS = {"heading": headings.find, "sentence": sentences.find}
ASKED = 200
"""Made questions of each kind."""
CHOSEN_ON = 100
"""Made questions that a choice is made on."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
REAL, MADE = (5, 10, 25, 40), (0, 10, 25, 50, 100, 200)

WINDOWS: dict[str, Json] = {"chunking": "windows", "chunk_size": 60, "chunk_overlap": 20}
STATIC: dict[str, Json] = {"embedding": "wordllama"}
DESIGNS: dict[str, dict[str, Json]] = {
    "bm25 1.2 .75": {},
    "bm25 .9 .4": {"bm25_k1": 0.9, "bm25_b": 0.4},
    "bm25 1.5 .75": {"bm25_k1": 1.5},
    "bm25 bare": {"title_prefix": False},
    "windows 120": {**WINDOWS, "chunk_size": 120},
    "windows 60": WINDOWS,
    "windows 60 bare": {**WINDOWS, "title_prefix": False},
    "static": {**STATIC, "retrieval": "dense"},
    "static .3": {**STATIC, "retrieval": "hybrid_weighted", "dense_weight": 0.3},
    "static .6": {**STATIC, "retrieval": "hybrid_weighted", "dense_weight": 0.6},
    "static rrf": {**STATIC, "retrieval": "hybrid_rrf"},
    "static .4 windows 60": {**STATIC, **WINDOWS, "retrieval": "hybrid_weighted", "dense_weight": 0.4},
}
CHUNKINGS: dict[str, dict[str, Json]] = {
    "page": {},
    "headings": {"chunking": "headings", "chunk_size": 200},
    "windows 120": {**WINDOWS, "chunk_size": 120},
    "windows 60": WINDOWS,
}
RETRIEVALS: dict[str, dict[str, Json]] = {
    "": {},
    " static .4": {**STATIC, "retrieval": "hybrid_weighted", "dense_weight": 0.4},
    " static rrf": {**STATIC, "retrieval": "hybrid_rrf"},
}
BOUND = {f"{c}{r}": {**cut, **found} for c, cut in CHUNKINGS.items() for r, found in RETRIEVALS.items()}
"""Designs for long pages: there the chunking decides."""
MINILM: dict[str, dict[str, Json]] = {
    "minilm": {"embedding": "minilm", "retrieval": "dense"},
    "minilm .6": {"embedding": "minilm", "retrieval": "hybrid_weighted", "dense_weight": 0.6},
    "minilm rrf": {"embedding": "minilm", "retrieval": "hybrid_rrf"},
}


@dataclass(frozen=True)
class Table:
    """nDCG@10 of one collection: for "real" and each kind an array of shape (questions, designs)."""

    name: str
    scores: Mapping[str, Floats]

    @property
    def truth(self) -> Floats:
        """Mean of each design on all the real questions."""
        return self.scores["real"].mean(axis=0)

    def regret(self, means: Floats) -> float:
        """What the design of the best ``means`` loses on the real questions."""
        return float(self.truth.max() - self.truth[int(means.argmax())])


# ---- measuring ------------------------------------------------------------------------------------------------------


def measured(source: Path, folder: Path, designs: Mapping[str, Mapping[str, Json]], bound: int) -> Table:
    """Measure every design of a collection on its real questions, and on made ones in a copy that hides their words.

    Args:
        source: the collection.
        folder: where it is measured.
        designs: name → fields.
        bound: how many records are bound into a page; 1 leaves them as they are.
    """
    blueprint, settings = blueprints.load("rag_system"), load()
    environment = prepare(blueprint.folder / "project", settings.home_path, settings.offline)
    (folder / "data" / "source").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "corpus.jsonl", folder / "data" / "source" / "corpus.jsonl")
    bench = Laboratory(
        blueprint.folder,
        environment,
        folder,
        Limits(seconds=3600),
        Ledger(folder / "spent.jsonl"),
        threading.Event(),
        settings.isolation,
    )
    bench.ingest({})
    pages = documents.read(folder / "data" / "parsed")
    given = question_files.given(Inputs(corpus=str(source)))
    real, _ = questions.units(given, pages, documents.skipped(folder / "data" / "parsed"))
    if bound > 1:
        pages, real = bind(pages, real, bound)
    made = {kind: ordered(find(pages))[:ASKED] for kind, find in KINDS.items()}
    hider = Hider(question.words for asked in made.values() for question in asked)
    documents.write(pages, folder / "data" / "measuring")
    documents.write((hider.document(page) for page in pages), folder / "data" / "hidden")
    hidden = bench.on(folder / "data" / "hidden")
    units = {"real": real, **{kind: [unit(question) for question in asked] for kind, asked in made.items()}}
    columns: dict[str, list[Floats]] = {kind: [] for kind in units}
    for name, fields in designs.items():
        design = blueprint.Design(**fields).normalised().model_dump(mode="json")
        print(f"{source.name}: {name}", file=sys.stderr, flush=True)
        for kind, asked in units.items():
            columns[kind].append(ndcg((bench if kind == "real" else hidden).outputs(design, asked), asked))
    return Table(source.name, {kind: np.stack(column, axis=1) for kind, column in columns.items()})


def bind(
    records: Sequence[documents.Document], asked: Sequence[Unit], size: int
) -> tuple[list[documents.Document], list[Unit]]:
    """Bind like records into pages, each a section under its title; questions then ask for the pages of their records.

    A page takes the first record that is left and those nearest to it by BM25.
    """
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    texts = [f"{record.title} {record.text}" for record in records]
    tokens = bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False, return_ids=False)
    index = bm25s.BM25()
    index.index(tokens, show_progress=False)
    page_of: dict[int, int] = {}
    pages: list[documents.Document] = []
    for first in range(len(records)):
        if first in page_of:
            continue
        nearest = np.argsort(-index.get_scores(tokens[first]), kind="stable")
        members = [first, *(int(place) for place in nearest if int(place) not in page_of and place != first)][:size]
        sections = [documents.Section(records[i].title, 2, records[i].sections[0].text) for i in members]
        page_of |= dict.fromkeys(members, len(pages))
        pages.append(documents.Document(f"{len(pages)}", f"{len(pages)}", sections, "markdown"))
    places = {record.id: str(page_of[place]) for place, record in enumerate(records)}
    return pages, [_asking(unit, places) for unit in asked]


def _asking(unit: Unit, places: Mapping[str, str]) -> Unit:
    assert isinstance(unit.label, dict)
    grades: dict[str, Json] = {}
    for record, grade in unit.label["relevant"].items():
        grades[places[record]] = max(grade, grades.get(places[record], 0.0))
    return replace(unit, label={**unit.label, "relevant": grades})


def unit(question: Made) -> Unit:
    relevant: dict[str, Json] = dict.fromkeys(question.pages, 1.0)
    text = " ".join(question.words)
    label: dict[str, Json] = {"relevant": relevant, "quote": None}
    return Unit(f"{question.kind} {text}", {"text": question.text}, label, text, kind="made")


def ndcg(outputs: Sequence[Json], units: Sequence[Unit]) -> Floats:
    labels = [each.label for each in units]
    return np.array([scoring.score(outputs, labels, [place])["ndcg@10"] for place in range(len(units))])


# ---- agreement ------------------------------------------------------------------------------------------------------


def mixed(table: Table, share: float, size: int, rng: np.random.Generator) -> Floats:
    """Means of the designs on ``size`` made questions drawn anew, a ``share`` of them headings."""
    count = round(share * size)
    parts = [
        rng.choice(table.scores[kind], number)
        for kind, number in (("heading", count), ("sentence", size - count))
        if number
    ]
    return np.concatenate(parts).mean(axis=0)


def agreement(tables: Sequence[Table], draws: int, rng: np.random.Generator) -> None:
    print(f"\n## Agreement with real questions; the choice is made on {CHOSEN_ON}\n")
    print("| headings among the made questions | collection | correlation of design means | regret of the choice |")
    print("|---:|---|---|---|")
    for share in SHARES:
        every: list[tuple[list[float], list[float]]] = []
        for table in tables:
            real = table.scores["real"]
            found: tuple[list[float], list[float]] = ([], [])
            for _ in range(draws):
                truth = rng.choice(real, len(real)).mean(axis=0)
                found[0].append(float(np.corrcoef(truth, mixed(table, share, 2 * ASKED, rng))[0, 1]))
                found[1].append(table.regret(mixed(table, share, CHOSEN_ON, rng)))
            every.append(found)
            print(f"| {share:.0%} | {table.name} | {interval(found[0])} | {interval(found[1])} |")
        means = [np.mean([found[part] for found in every], axis=0).tolist() for part in (0, 1)]
        print(f"| **{share:.0%}** | **mean** | **{interval(means[0])}** | **{interval(means[1])}** |")


def interval(values: Sequence[float]) -> str:
    low, high = np.percentile(values, [2.5, 97.5])
    return f"{np.mean(values):.3f} [{low:.3f}, {high:.3f}]"


# ---- beside real questions ------------------------------------------------------------------------------------------


def beside(tables: Sequence[Table], share: float, draws: int, rng: np.random.Generator) -> None:
    print(f"\n## Regret of choosing by n real and m made questions ({share:.0%} headings), judged on the others\n")
    print(f"| n real | {' | '.join(f'm = {made}' for made in MADE)} |")
    print(f"|---:|{'---|' * len(MADE)}")
    for count in REAL:
        cells: list[str] = []
        for made in MADE:
            lost = [regret_beside(table, share, count, made, rng) for table in tables for _ in range(draws)]
            error = np.std(lost, ddof=1) / np.sqrt(len(lost))
            cells.append(f"{np.mean(lost):.4f} ± {1.96 * error:.4f}")
        print(f"| {count} | {' | '.join(cells)} |")


def regret_beside(table: Table, share: float, count: int, made: int, rng: np.random.Generator) -> float:
    real = table.scores["real"]
    places = rng.permutation(len(real))
    count = min(count, len(real) // 2)
    total = real[places[:count]].sum(axis=0)
    if made:
        total = total + made * mixed(table, share, made, rng)
    truth = real[places[count:]].mean(axis=0)
    return float(truth.max() - truth[int(total.argmax())])


# ---- the command ----------------------------------------------------------------------------------------------------


def collections(folder: Path) -> list[Path]:
    names = ("queries.jsonl", "qrels.tsv")
    return sorted(p.parent for p in folder.rglob("corpus.jsonl") if all((p.parent / name).is_file() for name in names))


def main() -> int:
    parser = argparse.ArgumentParser(description="Do made questions choose the designs that real questions would?")
    parser.add_argument("--data", type=Path, default=os.environ.get("NONET_DATA"), help="folder of BEIR collections")
    parser.add_argument("--only", nargs="*", default=[], help="names of collections; all of them by default")
    parser.add_argument("--minilm", action="store_true", help="also designs with MiniLM, which take an hour")
    parser.add_argument("--bound", type=int, default=1, help="bind so many records into a page: the chunking decides")
    parser.add_argument("--work", type=Path, help="folder in which the trials are kept")
    parser.add_argument("--draws", type=int, default=2000, help="resamples (default 2,000)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folders = collections(Path(options.data)) if options.data else []
    folders = [folder for folder in folders if not options.only or folder.name in options.only]
    if not folders:
        print("Give --data FOLDER (or NONET_DATA): a folder holding collections in BEIR's layout.", file=sys.stderr)
        return 2
    designs = {**(BOUND if options.bound > 1 else DESIGNS), **(MINILM if options.minilm else {})}
    with tempfile.TemporaryDirectory(prefix="nonet-made-") as scratch:
        work = options.work or Path(scratch)
        tables = [measured(folder, work / folder.name, designs, options.bound) for folder in folders]
    print(f"{len(designs)} designs, {ASKED} made questions of a kind, {options.draws:,} draws, seed {options.seed}\n")
    print(f"| collection | questions | {' | '.join(designs)} |\n|---|---|{'---:|' * len(designs)}")
    for table in tables:
        for kind, scores in table.scores.items():
            means = " | ".join(f"{mean:.3f}" for mean in scores.mean(axis=0))
            print(f"| {table.name} | {len(scores)} {kind} | {means} |")
    rng = np.random.default_rng(options.seed)
    agreement(tables, options.draws, rng)
    for share in SHARES[::2]:
        beside(tables, share, options.draws, rng)
    return 0


if __name__ == "__main__":
    sys.exit(main())

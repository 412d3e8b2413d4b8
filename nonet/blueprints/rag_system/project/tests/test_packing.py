import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from token_classifier import classifier

from rag.context import Passage
from rag.context.extractive import Extractive
from rag.context.llmlingua import LLMLingua
from rag.context.order import ordered
from rag.embedding.files import count_tokens
from rag.errors import ModelError
from rag.system import System

QUESTION = "How do I restore a backup of the database?"


def packed(system: System, question: str = QUESTION):
    return system.pack(system.search(question), question)


@pytest.mark.parametrize("budget", [1, 30, 100, 1000])
@pytest.mark.parametrize(
    "changes", [{}, {"compression": "extractive"}, {"deduplicate": False}, {"order": "edges", "chunking": "sentences"}]
)
def test_the_context_keeps_its_budget(built: Callable[..., System], budget: int, changes: dict[str, Any]):
    found = packed(built(context_tokens=budget, **changes))
    assert found.tokens <= budget
    assert found.tokens == count_tokens(found.text)


def test_the_context_repeats_nothing(built: Callable[..., System], corpus: Path):
    (corpus / "copy.md").write_text((corpus / "guide" / "backup.md").read_text())
    text = packed(built(context_tokens=2000, chunk_size=12, chunk_overlap=8)).text
    assert text.count("o'clock") == 1
    assert text.count("newest") == 1


def test_copies_of_a_page_are_packed_once(built: Callable[..., System], corpus: Path):
    (corpus / "guide" / "backup-copy.md").write_text((corpus / "guide" / "backup.md").read_text())
    docs = [passage.doc for passage in packed(built(context_tokens=2000, chunking="page")).passages]
    assert docs.count("guide/backup.md") + docs.count("guide/backup-copy.md") == 1


def test_without_deduplication_chunks_are_packed_as_they_are(built: Callable[..., System], corpus: Path):
    (corpus / "guide" / "backup-copy.md").write_text((corpus / "guide" / "backup.md").read_text())
    system = built(context_tokens=2000, chunk_size=12, chunk_overlap=8, deduplicate=False)
    found = packed(system)
    chunks = [system.chunk(place) for place, _ in system.search(QUESTION).chunks]
    assert [(passage.doc, passage.span, passage.text) for passage in found.passages] == [
        (chunk.doc, chunk.span, chunk.text) for chunk in chunks
    ]
    assert found.text.count("newest") > 1


def test_what_is_packed_is_told_by_document_number_and_place(built: Callable[..., System]):
    system = built(context_tokens=2000)
    found = packed(system)
    assert len(found.places) == len(found.chunks) > 1
    for place, (doc, number, _) in zip(found.places, found.chunks, strict=True):
        assert (system.chunk(place).doc, system.chunk(place).number) == (doc, number)


def test_parents_are_read_for_the_children_found_each_once(built: Callable[..., System], corpus: Path):
    words = [f"word{number}" for number in range(100)]
    (corpus / "long.txt").write_text(" ".join(words))
    for deduplicate in (True, False):
        system = built(
            chunking="parent_child", chunk_size=10, chunk_overlap=0, parent_size=40, context_tokens=1000,
            retrieval="bm25", deduplicate=deduplicate, title_prefix=False,
        )  # fmt: skip
        found = packed(system, "word1 word3 word15 word55")
        children = {place for place, _ in system.search("word1 word3 word15 word55").chunks}
        assert len(children) == 3
        text = "\n".join(passage.text for passage in found.passages)
        assert [text.split().count(word) for word in words] == [1] * 80 + [0] * 20


def passages(count: int, seed: int = 0) -> list[Passage]:
    chance = random.Random(seed)
    docs = [chance.choice("abc") for _ in range(count)]
    starts = chance.sample(range(1000), count)
    return [
        Passage(doc, 0, 1 / rank, rank, doc, (start, start + 1), "x")
        for rank, (doc, start) in enumerate(zip(docs, starts, strict=True), 1)
    ]


@pytest.mark.parametrize("count", range(9))
@pytest.mark.parametrize("order", ["rank", "document", "edges"])
def test_an_order_loses_nothing(count: int, order: str):
    given = passages(count, count)
    assert sorted(ordered(given, order), key=lambda passage: passage.rank) == given


@pytest.mark.parametrize("count", range(1, 9))
def test_edges_hold_the_best_and_the_middle_the_worst(count: int):
    ranks = [passage.rank for passage in ordered(passages(count), "edges")]
    outer = [min(place, count - 1 - place) for place in range(count)]
    assert ranks[0] == 1
    assert count == 1 or ranks[-1] == 2
    assert sorted(range(count), key=lambda place: ranks[place]) == sorted(
        range(count), key=lambda place: (outer[place], place)
    )


@pytest.mark.parametrize("seed", range(5))
def test_documents_stay_together_in_their_own_order(seed: int):
    found = ordered(passages(8, seed), "document")
    docs = list(dict.fromkeys(passage.doc for passage in found))
    assert [passage.doc for passage in found] == [doc for doc in docs for passage in found if passage.doc == doc]
    for doc in docs:
        spans = [passage.span for passage in found if passage.doc == doc]
        assert spans == sorted(spans)
    assert [min(passage.rank for passage in found if passage.doc == doc) for doc in docs] == sorted(
        min(passage.rank for passage in found if passage.doc == doc) for doc in docs
    )


def test_the_order_is_that_of_the_text_and_its_numbers(built: Callable[..., System]):
    by_rank, at_edges = packed(built()), packed(built(order="edges"))
    assert [passage.rank for passage in at_edges.passages] != [passage.rank for passage in by_rank.passages]
    assert at_edges.chunks == by_rank.chunks
    for number, passage in enumerate(at_edges.passages, 1):
        assert f"[{number}] {passage.doc}" in at_edges.text
        assert at_edges.text.index(f"[{number}] ") < at_edges.text.index(passage.text)


TEXT = (
    "The office is on the third floor. Coffee is free on Fridays. Stop the database before you begin. "
    "Then restore the newest backup with the restore command. The cafeteria closes at three."
)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.95])
def test_extractive_compression_keeps_the_nearest_sentences_in_their_order(share: float):
    short = Extractive(share).prepare(QUESTION, [TEXT])(TEXT)
    kept = short.split("\n")
    assert "Then restore the newest backup with the restore command." in kept
    assert [TEXT.index(sentence) for sentence in kept] == sorted(TEXT.index(sentence) for sentence in kept)
    assert len(kept) == 1 or count_tokens(short) <= share * count_tokens(TEXT)


def test_without_a_shared_word_likeness_decides():
    short = Extractive(0.2).prepare("SQL servers and tables", [TEXT])(TEXT)
    assert short == "Stop the database before you begin."


def test_compression_makes_room_for_more_passages(built: Callable[..., System]):
    changes: dict[str, Any] = {"chunk_size": 60, "context_tokens": 70}
    whole = packed(built(**changes))
    short = packed(built(compression="extractive", compression_share=0.3, **changes))
    assert len(short.passages) > len(whole.passages)
    assert "restore the newest backup" in short.text
    for passage in short.passages:
        assert passage.span[1] - passage.span[0] >= len(passage.text)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_llmlingua_keeps_the_words_its_model_keeps(tmp_path: Path, share: float):
    model = LLMLingua(classifier(tmp_path / "m", ["restore", "newest", "backup", "command"]), share)
    text = "Then restore the newest\nbackup, with the restore command of the database."
    words = model.compress(text).split()
    assert count_tokens(" ".join(words)) <= share * count_tokens(text)
    kept = [word.strip(",.") for word in words]
    first = [word for word in kept if word in ("restore", "newest", "backup", "command")]
    assert first == kept if share == 0.2 else len(first) == 5
    positions = [text.split().index(word) for word in dict.fromkeys(words)]
    assert positions == sorted(positions)
    assert "\n" in model.compress(text) or share == 0.2


def test_llmlingua_reads_beyond_its_models_length(tmp_path: Path):
    model = LLMLingua(classifier(tmp_path / "m", ["needle"]), 0.05)
    text = f"{'hay ' * 1300}needle {'hay ' * 1300}"
    assert "needle" in model.compress(text).split()


def test_llmlingua_packs_what_is_left(built: Callable[..., System], tmp_path: Path):
    folder = classifier(tmp_path / "m", ["restore", "newest", "backup"])
    system = built(compression="llmlingua", compression_at=str(folder), compression_share=0.5, context_tokens=500)
    found = packed(system)
    assert found.tokens <= 500
    assert "newest backup" in found.text
    assert len(found.text) < 0.8 * len(packed(built(context_tokens=500)).text)


def broken(folder: Path, name: str, data: bytes) -> Path:
    classifier(folder, ["x"])
    (folder / name).write_bytes(data)
    return folder


def test_an_unusable_classifier_is_refused_in_one_line(tmp_path: Path, built: Callable[..., System]):
    (tmp_path / "empty").mkdir()
    no_tokenizer = classifier(tmp_path / "no-tokenizer", ["x"])
    (no_tokenizer / "tokenizer.json").unlink()
    refused = {
        "no folder": tmp_path / "nowhere",
        "no ONNX file": tmp_path / "empty",
        "no tokenizer.json": no_tokenizer,
        "cannot be used": broken(tmp_path / "model", "model.onnx", b"no model"),
        "cannot be used: ": broken(tmp_path / "tokenizer", "tokenizer.json", b"{}"),
        "two classes": classifier(tmp_path / "three", ["x"], classes=3),
        "no token classifier": classifier(tmp_path / "inputs", ["x"], inputs=["position_ids"]),
    }
    for reason, folder in refused.items():
        with pytest.raises(ModelError, match=reason) as error:
            built(compression="llmlingua", compression_at=str(folder))
        assert "\n" not in str(error.value)

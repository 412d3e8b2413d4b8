import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag import fusion, late_interaction, stages
from rag.embedding import minilm, wordllama
from rag.errors import CorpusError, IndexMissingError
from rag.settings import Settings
from rag.system import System, index, open_shipped

EXPECTED = {
    "How do I restore a backup?": "guide/backup.md",
    "When do passwords expire?": "guide/users.md",
    "How soon is a refund paid?": "faq.html",
    "invoice PDF": "api.py",
    "When does the cafeteria close?": "notes.txt",
}
DESIGNS = [
    {"retrieval": "bm25", "chunking": "page"},
    {"retrieval": "dense", "embedding": "minilm"},
    {"retrieval": "hybrid_rrf", "embedding": "wordllama"},
    {"retrieval": "hybrid_weighted", "embedding": "minilm", "rerank": "late_interaction"},
    {"retrieval": "bm25", "rerank": "late_interaction", "chunking": "recursive", "chunk_unit": "tokens"},
]


@pytest.mark.parametrize("design", DESIGNS)
def test_each_kind_of_design_finds_the_page(built: Callable[..., System], design: dict[str, str]):
    system = built(**design)
    for question, page in EXPECTED.items():
        docs = [doc for doc, _ in system.search(question).docs]
        assert docs[0] == page
        assert len(docs) == len(set(docs))


def test_two_builds_are_the_same_bytes(settings_for: Callable[..., Settings], corpus: Path):
    settings = settings_for(embedding="minilm", rerank="late_interaction")
    contents: list[dict[str, bytes]] = []
    for _ in range(2):
        index(settings, corpus)
        files = (path for path in sorted(settings.artifacts.rglob("*")) if path.is_file())
        contents.append({path.relative_to(settings.artifacts).as_posix(): path.read_bytes() for path in files})
    assert contents[0] == contents[1]
    assert "tokens/tokens.int8" in contents[0]


def test_indexing_counts_what_it_did(settings_for: Callable[..., Settings], corpus: Path):
    words = index(settings_for(retrieval="bm25"), corpus)
    small = index(settings_for(), corpus)
    large = index(settings_for(embedding="minilm"), corpus)
    assert words["documents"] == 6
    assert words["operations"] < small["operations"] < large["operations"]
    assert "tokens_embedded" not in words
    tokens = large["tokens_embedded"]
    assert large["operations"] > tokens * 6 * (4 * 384**2 + 2 * 384 * 1536)


def test_late_interaction_shares_the_forward_pass(settings_for: Callable[..., Settings]):
    names = [stage.name for stage in stages.of(settings_for(embedding="minilm", rerank="late_interaction").design)]
    assert names == ["chunks", "lexical", "tokens"]


def test_equal_scores_stand_in_order_of_document(built: Callable[..., System], corpus: Path):
    for name in ("zeta.md", "eta.md", "theta.md"):
        (corpus / name).write_text("Zyzzyva grows here.\n")
    docs = [doc for doc, _ in built(title_prefix=False, retrieval="bm25").search("zyzzyva").docs]
    assert docs == ["eta.md", "theta.md", "zeta.md"]


def test_words_that_are_nowhere_find_nothing_by_bm25_and_break_nothing(built: Callable[..., System]):
    system = built(retrieval="bm25")
    for question in ("qwertyuiop", "the of and", "?", ""):
        assert system.search(question).docs == []
        assert system.pack(system.search(question), question).text == ""


def test_a_corpus_of_stop_words_can_be_indexed(settings_for: Callable[..., Settings], tmp_path: Path):
    (tmp_path / "stop").mkdir()
    (tmp_path / "stop" / "a.txt").write_text("the and of")
    settings = settings_for(retrieval="bm25", title_prefix=False)
    index(settings, tmp_path / "stop")
    assert open_shipped(settings).search("the cat").docs == []


def test_an_empty_corpus_is_refused_and_the_old_index_stays(
    settings_for: Callable[..., Settings], corpus: Path, tmp_path: Path
):
    settings = settings_for()
    index(settings, corpus)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="No readable document"):
        index(settings, tmp_path / "empty")
    assert open_shipped(settings).search("backup").docs
    assert sorted(path.name for path in settings.root.iterdir()) == ["artifacts", "settings.json"]


def test_an_index_of_another_design_is_refused(settings_for: Callable[..., Settings], corpus: Path):
    with pytest.raises(IndexMissingError, match="rag index"):
        open_shipped(settings_for())
    index(settings_for(), corpus)
    with pytest.raises(IndexMissingError, match="another design"):
        open_shipped(settings_for(bm25_k1=0.9))
    open_shipped(settings_for(dense_weight=0.3))


def test_a_text_is_embedded_the_same_alone_and_among_others():
    texts = ["short", "a somewhat longer sentence about backups and databases", "word " * 700]
    model = minilm.load()
    among = list(model.stream(texts))
    for text, tokens in zip(texts, among, strict=True):
        np.testing.assert_array_equal(tokens, model.tokens(text))
    assert len(among[2]) == minilm.LONGEST


@pytest.mark.parametrize("model", ["minilm", "wordllama"])
def test_embeddings_know_what_is_alike(model: str):
    texts = ["How do I reset my password?", "Steps to recover a forgotten passphrase", "The recipe needs two eggs"]
    if model == "wordllama":
        vectors = wordllama.load().embed(texts)[0]
    else:
        vectors = np.stack([minilm.pooled(tokens) for tokens in minilm.load().stream(texts)])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_stored_token_embeddings_score_as_the_exact_ones(tmp_path: Path):
    texts = ["Stop the database, then restore the newest backup.", "Coffee is free on Fridays.", "?"]
    late_interaction.build(texts, tmp_path)
    question = minilm.load().tokens("How is a backup restored?")

    def units(tokens: np.ndarray) -> np.ndarray:
        return tokens[1:-1] / np.linalg.norm(tokens[1:-1], axis=1, keepdims=True)

    exact = [(units(minilm.load().tokens(text)) @ units(question).T).max(axis=0).mean() for text in texts]
    stored = late_interaction.LateInteraction(tmp_path).scores(question, [0, 1, 2])
    np.testing.assert_allclose(stored, exact, atol=0.01)
    assert stored[0] > stored[1]


def test_order_is_exact_beyond_the_limit():
    scores = np.random.default_rng(3).integers(0, 50, 400).astype(np.float32)
    ties = np.random.default_rng(4).permutation(400)
    wanted = sorted(range(400), key=lambda i: (-scores[i], ties[i]))
    for limit in (1, 10, 400, 1000):
        assert fusion.order(scores, limit, ties).tolist() == wanted[:limit]


def test_reciprocal_rank_fusion_by_hand():
    ties = np.arange(3)
    fused = fusion.reciprocal_rank(np.array([2, 0, 1], np.float32), [np.array([-0.1, 0.9, 0.5], np.float32)], 10, ties)
    np.testing.assert_allclose(fused, [1 / 11 + 1 / 13, 1 / 11, 1 / 12 + 1 / 12], rtol=1e-6)


def test_skipped_files_are_recorded(settings_for: Callable[..., Settings], corpus: Path):
    (corpus / "bin.txt").write_bytes(b"\0\0")
    settings = settings_for()
    assert index(settings, corpus)["skipped"] == 1
    line = json.loads((settings.artifacts / "skipped.jsonl").read_text())
    assert line == {"name": "bin.txt", "reason": "binary"}

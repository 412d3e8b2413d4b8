"""The library of notes: what the offline researcher and reader find first."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from nonet import tools
from nonet.tools import notes

WORKFLOWS = (
    "drift_detection",
    "feature_store",
    "llm_fine_tuning",
    "ml_pipeline",
    "mlops_pipeline",
    "model_optimization",
    "rag_system",
    "responsible_ai_audit",
    "vector_database",
)


def test_every_workflow_has_notes():
    counts = Counter(note.workflow for note in notes.library())
    assert set(counts) == set(WORKFLOWS)
    assert min(counts.values()) >= 7


@pytest.mark.parametrize("note", notes.library(), ids=lambda note: note.reference)
def test_a_note_says_what_it_costs_and_when_not_to(note):
    assert note.head.tags
    assert note.head.when.endswith(".")
    assert note.head.references
    assert all(re.fullmatch(r"https://\S+", source.url) for source in note.head.references)
    assert "Trade-offs." in note.body
    assert "When not to." in note.body
    assert 60 <= len(note.body.split()) <= 260


QUESTIONS = {
    "HNSW ef and M parameters": "note:vector_database/hnsw",
    "4-bit fine-tuning of LLaMA with QLoRA": "note:llm_fine_tuning/qlora",
    "INT8 dynamic quantization of BERT": "note:model_optimization/dynamic_int8",
    "MLflow against Kubeflow": "note:mlops_pipeline/orchestration",
    "fraud detection with rare positives": "note:ml_pipeline/class_imbalance",
    "point-in-time joins in Feast": "note:feature_store/point_in_time",
    "equalized odds or demographic parity": "note:responsible_ai_audit/criteria",
    "population stability index threshold": "note:drift_detection/psi",
    "Matryoshka embeddings of 256 dimensions": "note:vector_database/dimensions",
}


@pytest.mark.parametrize(("question", "reference"), QUESTIONS.items())
async def test_the_researcher_finds_the_note_of_a_question(question, reference, context):
    result = await tools.call("tavily-search", context(), query=question, max_results=3)
    assert reference in [item.reference for item in result.items]

"""A packed context in parts: the passages that the shipped project joined, whatever their text says."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from nonet import blueprints, configs
from nonet.blueprints.rag_system import packed

TEXT = st.text(st.sampled_from("ab[]12 \n"), max_size=30)


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_passages_join_to_the_context_and_each_begins_with_its_number(texts: list[str]) -> None:
    context = "\n\n".join(f"[{number}] page.md — title\n{text}" for number, text in enumerate(texts, 1))
    found = list(packed.passages(context))
    assert "\n\n".join(found) == context
    assert all(passage.startswith(f"[{number}] ") for number, passage in enumerate(found, 1))


def test_a_number_in_a_page_out_of_turn_begins_no_passage() -> None:
    context = "[1] a.md — A\nsee\n\n[7] of the notes\n\n[2] b.md — B\ntext"
    assert list(packed.passages(context)) == ["[1] a.md — A\nsee\n\n[7] of the notes", "[2] b.md — B\ntext"]


def test_an_empty_context_has_no_passage() -> None:
    assert packed.reading({"text": "why?"}, {"context": ""}).passages == ()


def test_answers_are_judged_as_the_shipped_project_asks_for_them() -> None:
    source = blueprints.load("rag_system").folder / "project" / "src" / "rag" / "chat.py"
    assigned = {
        target.id: node.value
        for node in ast.parse(source.read_text()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert ast.literal_eval(assigned["INSTRUCTIONS"]) == configs.text("prompts", "answer.md").strip()
    assert r'f"Passages:\n\n{context.text}\n\nQuestion: {question}"' in source.read_text()

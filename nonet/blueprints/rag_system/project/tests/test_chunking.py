import random
from itertools import pairwise

import pytest

from rag import chunking
from rag.design import Design, parse
from rag.documents import markdown
from rag.documents.model import page
from rag.embedding.files import count_tokens, token_spans
from rag.errors import SettingsError

RNG = random.Random(7)
WORDS = ["alpha", "beta,", "gamma.", "delta", "naïve", "epsilon!", "x", "internationalisation"]
SECTIONS = [
    f"## Part {n}\n\n" + "\n\n".join(" ".join(RNG.choices(WORDS, k=RNG.randint(1, 60))) for _ in range(4))
    for n in range(9)
]
PAGE = page(markdown.parse("a.md", "# Whole\n\n" + "\n\n".join(SECTIONS)))


def length(text: str, unit: str) -> int:
    return {"words": len(text.split()), "characters": len(text), "tokens": count_tokens(text)}[unit]


@pytest.mark.parametrize("kind", ["windows", "recursive", "headings"])
@pytest.mark.parametrize("unit", ["words", "characters", "tokens"])
@pytest.mark.parametrize(("size", "overlap"), [(30, 0), (30, 10), (100, 50), (5000, 20)])
def test_chunks_cover_the_page_and_none_is_too_long(kind: str, unit: str, size: int, overlap: int):
    design = Design(chunking=kind, chunk_unit=unit, chunk_size=size, chunk_overlap=overlap)  # pyright: ignore[reportArgumentType]
    spans = chunking.spans(PAGE, design, token_spans)
    texts = [PAGE.text[start:end] for start, end in spans]
    assert all(length(text, unit) <= size for text in texts)
    covered = {place for start, end in spans for place in range(start, end)}
    assert all(place in covered or PAGE.text[place].isspace() for place in range(len(PAGE.text)))
    assert all(text == text.strip() and text for text in texts)
    assert [start for start, _ in spans] == sorted({start for start, _ in spans})


def test_windows_repeat_exactly_the_overlap():
    design = Design(chunking="windows", chunk_size=30, chunk_overlap=10)
    words = [PAGE.text[start:end].split() for start, end in chunking.spans(PAGE, design, token_spans)]
    assert all(before[-10:] == after[:10] for before, after in pairwise(words))


def test_recursive_overlap_is_at_most_what_was_asked_and_some_of_it_happens():
    design = Design(chunking="recursive", chunk_size=60, chunk_overlap=25)
    spans = chunking.spans(PAGE, design, token_spans)
    shared = [len(PAGE.text[b:a].split()) if b < a else 0 for (_, a), (b, _) in pairwise(spans)]
    assert max(shared) <= 25
    assert max(shared) > 0


def test_recursive_prefers_paragraphs():
    text = page(markdown.parse("a.txt", "one two three\n\nfour five six\n\nseven eight nine"))
    found = chunking.spans(text, Design(chunking="recursive", chunk_size=7), token_spans)
    assert [text.text[a:b] for a, b in found] == ["one two three\n\nfour five six", "seven eight nine"]


def test_headings_cut_at_sections_and_a_bare_heading_goes_with_the_next():
    text = page(markdown.parse("a.md", "# Top\n\n## One\n\nbody one\n\n## Two\n\nbody two\n"))
    found = chunking.spans(text, Design(chunking="headings", chunk_size=5), token_spans)
    assert [text.text[a:b] for a, b in found] == ["Top\n\nOne\nbody one", "Two\nbody two"]


def test_headings_join_a_small_section_with_the_next_where_both_fit():
    body = "one two three four five six"
    text = page(markdown.parse("a.md", f"# A\n\nfew\n\n# B\n\n{body}\n\n# C\n\nfew\n\n# D\n\n{body} {body}\n"))
    found = chunking.spans(text, Design(chunking="headings", chunk_size=12), token_spans)
    assert [text.text[a:b] for a, b in found] == [f"A\nfew\n\nB\n{body}", "C\nfew", f"D\n{body} {body[:-4]}", "six"]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"chunking": "windows", "chunk_size": 60, "chunk_overlap": 60}, "overlap must be smaller"),
        ({"retrieval": "dense"}, "needs an embedding"),
        ({"chunking": "chapters"}, "choose one of"),
        ({"colour": 1}, "unknown field"),
        ({"bm25_k1": "high"}, "must be of type float"),
        ({"title_prefix": 1}, "must be of type bool"),
    ],
)
def test_designs_outside_the_space_are_refused(values: dict[str, object], complaint: str):
    with pytest.raises(SettingsError, match=complaint):
        parse(values)

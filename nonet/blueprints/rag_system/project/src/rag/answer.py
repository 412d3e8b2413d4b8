"""An answer without a chat model: the sentences of the passages that say most of what the question asks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.context import Context, Passage
from rag.lexical import analyse
from rag.sentences import split

SENTENCES = 3
PASSAGES = 5
EXTRACTIVE = "No chat model is configured: these are the documents' own sentences."
NOTHING = "Nothing in the documents matches the question."


@dataclass(frozen=True)
class Answer:
    """An answer with the passages it cites as ``[1]``, ``[2]`` and so on.

    Attributes:
        generated: whether a chat model wrote it; otherwise it is extracted.
        note: what a reader should know about how it came to be.
        sources: the cited passages; ``citation`` is the number in the text.
        cached: whether it was kept from before.
        failed: whether a chat model should have written it and could not.
        like: the like question that it was given to before, where it is reused for this one.
    """

    question: str
    answer: str
    sources: Sequence[dict[str, Any]]
    generated: bool
    note: str
    context_tokens: int
    cached: bool = False
    failed: bool = False
    like: str = ""


def source(citation: int, passage: Passage) -> dict[str, Any]:
    """Return a passage as a source: ``{citation, doc, chunk, score, title}``."""
    return {
        "citation": citation,
        "doc": passage.doc,
        "chunk": passage.chunk,
        "score": round(passage.score, 6),
        "title": passage.label,
    }


def extract(question: str, context: Context) -> Answer:
    """Answer with up to three sentences of the best passages, each with its source."""
    best = _best(question, context.passages)
    if not best:
        return Answer(question, NOTHING, (), False, EXTRACTIVE, context.tokens)
    cited = list(dict.fromkeys(number for number, _ in best))
    text = "\n".join(f"{sentence} [{number}]" for number, sentence in best)
    sources = [source(number, context.passages[number - 1]) for number in cited]
    return Answer(question, text, sources, False, EXTRACTIVE, context.tokens)


def pieces(answer: Answer) -> list[str]:
    """Return the text of an answer line by line, as it is streamed."""
    return answer.answer.splitlines(keepends=True)


def _best(question: str, passages: Sequence[Passage]) -> list[tuple[int, str]]:
    """Return (citation, sentence), best first.

    A sentence counts the question's words in it, rare ones more, half of those in the sentence before it (often the
    heading it stands under), and its passage's rank. A question is no answer to a question.
    """
    sentences = [
        (number, " ".join(sentence.split()))
        for number, passage in enumerate(passages, 1)
        if passage.rank <= PASSAGES
        for sentence in split(passage.text)
        if len(sentence.split()) > 2
    ]
    if not sentences:
        return []
    asked = set(analyse([question])[0])
    terms = [set(words) for words in analyse([sentence for _, sentence in sentences])]
    frequency = Counter(word for words in terms for word in words)
    rarity = {word: math.log(1 + len(sentences) / frequency[word]) for word in asked if frequency[word]}
    total = sum(rarity.values()) or 1.0
    shares = [sum(rarity.get(word, 0.0) for word in words) / total for words in terms]
    scored = [
        (
            share
            + (0.5 * shares[place - 1] if place and sentences[place - 1][0] == number else 0.0)
            + 1 / (passages[number - 1].rank + 1),
            -place,
        )
        for place, ((number, _), share) in enumerate(zip(sentences, shares, strict=True))
    ]
    order = sorted(range(len(sentences)), key=lambda place: scored[place], reverse=True)
    chosen: list[tuple[int, str]] = []
    for place in order:
        sentence = sentences[place][1]
        if not sentence.endswith("?") and sentence not in (known for _, known in chosen):
            chosen.append(sentences[place])
        if len(chosen) == SENTENCES:
            break
    return chosen

"""Compression by sentences: of each passage those nearest to the question.

Extractive compression as in RECOMP (Xu, Shi & Choi 2023), with no trained model: a sentence counts the question's words
in it, rare ones more, and half of those in the sentence before it. Between equal ones the cosine of wordllama's vectors
decides.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from rag.embedding import wordllama
from rag.embedding.files import count_tokens
from rag.lexical import analyse
from rag.sentences import split

BEFORE = 0.5
"""Share of the words of the sentence before, often the heading that a sentence stands under."""


class Extractive:
    """Keeps whole sentences, in their order, up to a share of the text's tokens, but one at least."""

    def __init__(self, share: float) -> None:
        self._share = share

    def prepare(self, question: str, texts: Sequence[str]) -> Callable[[str], str]:
        """Return what compresses a text for this question; ``texts`` tell which of its words are rare."""
        asked = set(analyse([question])[0])
        known = [set(words) for words in analyse([sentence for text in texts for sentence in split(text)])]
        frequency = Counter(word for words in known for word in words & asked)
        rarity = {word: math.log(1 + len(known) / frequency[word]) for word in asked if frequency[word]}
        total = sum(rarity.values()) or 1.0
        model = wordllama.load()
        vector = model.query(question)

        def compress(text: str) -> str:
            sentences = split(text)
            if len(sentences) < 2:
                return text
            shared = [sum(rarity.get(word, 0.0) for word in set(words)) / total for words in analyse(sentences)]
            scores = [words + BEFORE * before for before, words in zip([0.0, *shared], shared, strict=False)]
            likeness = model.embed(sentences)[0] @ vector
            order = sorted(
                range(len(sentences)), key=lambda place: (-round(scores[place], 6), -float(likeness[place]), place)
            )
            return "\n".join(self._kept(sentences, order))

        return compress

    def _kept(self, sentences: Sequence[str], order: Sequence[int]) -> list[str]:
        """Take sentences in an order while they have room; return them in the order of the text."""
        lengths = [count_tokens(sentence) for sentence in sentences]
        kept = {order[0]}
        room = self._share * sum(lengths) - lengths[order[0]]
        for place in order[1:]:
            if lengths[place] <= room:
                kept.add(place)
                room -= lengths[place]
        return [sentences[place] for place in sorted(kept)]

"""What the data look like, in numbers: the memory's fingerprint and the rules' ground. No text of the user's."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from nonet.blueprints.rag_system.documents import Document
from nonet.state import Json
from nonet.trials.contract import Unit

_FREQUENT = {
    "en": "the of and to in is for that with are this be",
    "de": "der die und das ist nicht mit den von ein eine zu",
    "fr": "le la les des et est une pour dans que qui pas",
    "es": "el los las del que y una por con para es como",
    "it": "il che di per una con del sono non della gli è",
    "pt": "os que não uma para com do da em por mais ao",
    "nl": "het een van en de niet dat voor met zijn op aan",
}
"""Function words that tell a language of Latin script."""
_ENOUGH_WORDS = 200


def fingerprint(documents: Sequence[Document], units: Sequence[Unit]) -> dict[str, Json]:
    """Describe documents and questions: counts, word quantiles, structure, language, kind of labels."""
    words = sorted(len(document.text.split()) for document in documents)
    headings = [sum(1 for section in document.sections if section.heading) for document in documents]
    questions = sorted(len(str(unit.features["text"]).split()) for unit in units)
    kinds: dict[str, Json] = dict(sorted(Counter(document.kind for document in documents).items()))
    return {
        "documents": len(documents),
        "words": sum(words),
        "words_p10": quantile(words, 0.1),
        "words_p50": quantile(words, 0.5),
        "words_p90": quantile(words, 0.9),
        "sections": sum(headings),
        "sectioned_share": round(sum(1 for count in headings if count >= 2) / max(len(documents), 1), 3),
        "kinds": kinds,
        "language": language(documents),
        "units": len(units),
        "question_words_p50": quantile(questions, 0.5),
        "relevant_mean": round(sum(_relevant(unit) for unit in units) / max(len(units), 1), 2),
        "labels": "+".join(sorted({unit.kind for unit in units})),
    }


def language(documents: Sequence[Document]) -> str:
    """Guess the corpus' language from its function words: a two-letter code, ``other`` or ``unknown``.

    Reads at most 200 documents, chosen by the hash of their ids.
    """
    chosen = sorted(documents, key=lambda document: hashlib.blake2b(document.id.encode()).digest())[:200]
    counts: Counter[str] = Counter()
    for document in chosen:
        counts.update(re.findall(r"[^\W\d_]+", document.text[:20_000].casefold()))
    total = sum(counts.values())
    if total < _ENOUGH_WORDS:
        return "unknown"
    shares = {code: sum(counts[word] for word in words.split()) / total for code, words in _FREQUENT.items()}
    best = max(shares, key=lambda code: (shares[code], code))
    return best if shares[best] >= 0.05 else "other"


def quantile(ascending: Sequence[int], share: float) -> int:
    """Return the value at ``share`` of a sorted sequence, 0 when it is empty."""
    return ascending[min(int(share * len(ascending)), len(ascending) - 1)] if ascending else 0


def sampled(documents: Sequence[Document], share: float) -> list[Document]:
    """Return about a ``share`` of the documents, at least one, by the hash of their ids.

    A larger share holds a smaller one.
    """
    ordered = sorted(documents, key=lambda document: hashlib.blake2b(document.id.encode()).digest())
    kept = {document.id for document in ordered[: max(1, round(share * len(ordered)))]}
    return [document for document in documents if document.id in kept]


def _relevant(unit: Unit) -> int:
    label = unit.label
    relevant = label.get("relevant") if isinstance(label, Mapping) else None
    return len(relevant) if isinstance(relevant, Mapping) else 0

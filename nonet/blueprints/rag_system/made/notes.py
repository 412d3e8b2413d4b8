"""What a report must say of made questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nonet.blueprints.rag_system.made.question import Made

FEW_PAGES = 10
_CANNOT = (
    "It cannot tell how well your users' wording is understood, how broad their questions are (and so how finely to "
    "cut), whether answers are right, or how questions over several pages fare"
)


def alone(asked: Sequence[Made], pages: int) -> list[str]:
    """Say what was asked of the documents where no question was given, and what that can tell."""
    notes = [
        f"No questions were given. {len(asked)} were made of the documents ({_kinds(asked)}, about {_pages(asked)} of "
        f"{pages} pages); their words were hidden in every place of the measuring copy where they stood. The shipped "
        "index has all.",
        "This is a proxy: it can tell which designs find the page that a title or sentence belongs to, and on "
        "four collections with real questions what it chose lost .01 of nDCG@10 against the best "
        f"(`evals/made_questions.py`). {_CANNOT}: give --questions for that.",
    ]
    if pages < FEW_PAGES:
        notes.append(f"There are only {pages} pages: ranks among so few say little.")
    return notes


def together(given: int, asked: Sequence[Made], same: int) -> list[str]:
    """Say how made questions joined given ones that are too few to seal any."""
    if not asked:
        notes = [
            f"{given} questions are too few to seal any, and none could be made beside them without touching the pages "
            "they ask for: they alone choose, and nothing is claimed."
        ]
    else:
        notes = [
            f"{given} questions are too few to seal any: all of them choose, beside {len(asked)} made of the documents "
            f"({_kinds(asked)}), and nothing is claimed. Each question counts once: given ones are "
            f"{given / (given + len(asked)):.0%} of the choice.",
            "The made ones' words were hidden in the measuring copy. The pages that your questions ask for kept all of "
            "theirs; what other pages lost may flatter every design on your questions, the baseline too.",
        ]
    if same:
        notes.append(f"{same} made questions were dropped: given ones have the same words.")
    return notes


def quoted(quotes: int, asked: int) -> list[str]:
    """Say how many made questions have a quoted answer, and what it is."""
    if not asked:
        return []
    return [
        f"{quotes} of the {asked} made questions have a quoted answer: the sentence that follows what was hidden, "
        "where it stands on that page alone. Packing is judged by them."
    ]


def _kinds(asked: Sequence[Made]) -> str:
    counts = Counter(question.kind for question in asked)
    return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(counts.items()))


def _pages(asked: Sequence[Made]) -> int:
    return len({page for question in asked for page in question.pages})

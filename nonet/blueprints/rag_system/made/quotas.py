"""How many made questions are asked, and how many of each kind: measured where real questions stand beside made ones.

    uv run python evals/made_questions.py --data FOLDER

On CACM, CISI, Cranfield and SciFact (12 designs by words and static vectors, titles as headings) the regret of
choosing by 100 made questions, in nDCG@10 with its 95 % interval, mean over the four:

    share of headings    0 %              25 %             50 %             75 %             100 %
    regret               .011 [.003,.022] .011 [.003,.021] .012 [.003,.022] .014 [.006,.026] .016 [.008,.027]

Headings alone lean to shared words. Up to one half of them, no share is told from another: headings and sentences count
alike. Nothing is known of docstrings and links. A docstring's first line names what follows, as a heading does, and is
taken as one. A link's text was chosen by whoever knew the page's name, and is most often that name: it has no share and
is asked only where the others are too few.

What made questions cannot tell is how broad users' questions are, and so how finely to cut. With six like records
bound into a page (``--bound 6``; CACM, CISI and Cranfield) the regret is .023 to .024 at every share: in CISI, whose
questions are broad topics, whole pages are best, and made questions of no kind see it.
"""

from __future__ import annotations

from collections.abc import Mapping

from nonet.blueprints.rag_system.made.question import Kind

SHARES: Mapping[Kind, float] = {"heading": 0.5, "docstring": 0.5, "sentence": 0.5, "link": 0.0}
"""Weights of the kinds; those that a corpus has share the questions in proportion."""
MOST = 400
"""Enough to seal 160, which show a difference of about .04 in nDCG@10, and to time p99 (299); more only costs time."""
ENOUGH = 100
"""With fewer of the kinds that have a share, the others fill up: 40 are then sealed."""
BESIDE = 100
"""Made questions beside fewer than 50 given ones. By 5 / 10 / 25 / 40 real questions alone the regret of the choice was
.026 / .022 / .021 / .019, with 50 made ones beside them .015 / .015 / .017 / .015, with 100 .012 / .014 / .015 / .014
(half of them headings)."""
TIMED = 300
"""Distinct questions that p99 needs (299), and one."""

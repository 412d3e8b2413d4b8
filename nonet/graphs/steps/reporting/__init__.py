"""The report of a run, from the files of its folder: ``report.md`` with pictures beside it, and one ``report.html``.

``gather`` reads the folder, ``sections`` says what it means, ``markdown`` and ``html`` render what was said.
"""

from __future__ import annotations

from collections.abc import Sequence

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.reporting import html, markdown
from nonet.graphs.steps.reporting.document import Picture
from nonet.graphs.steps.reporting.gather import gather
from nonet.graphs.steps.reporting.sections import document

PICTURES = "report"
"""Folder of the pictures that ``report.md`` links to."""


def write(desk: Desk, notes: Sequence[str]) -> None:
    """Write ``report.md``, ``report/*.svg`` and ``report.html`` into the run folder.

    Raises:
        FileNotFoundError: nothing was decided yet.
        StorageError: the disk is full.
    """
    report = document(gather(desk, notes))
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Picture):
                desk.write_text(f"{PICTURES}/{block.name}.svg", block.svg + "\n")
    desk.write_text("report.md", markdown.render(report, PICTURES))
    desk.write_text("report.html", html.render(report))

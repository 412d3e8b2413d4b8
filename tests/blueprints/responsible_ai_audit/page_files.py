"""What the page of this workflow speaks of: a table of loans."""

from __future__ import annotations

from pathlib import Path

from loan_tables import write_loans


def write(folder: Path) -> None:
    """Write ``loans.csv``."""
    write_loans(folder / "loans.csv", rows=420)

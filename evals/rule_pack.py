"""How well does the rule pack find what people marked? Precision and recall, family by family.

    uv run python evals/rule_pack.py FOLDER [--within 3] [--list] [--json] [--home HOME]
    uv run python evals/rule_pack.py --clean FOLDER [FOLDER …] [--json] [--home HOME]

FOLDER holds Python files or notebooks and ``labels.jsonl``: rows ``{"file", "line", "family"}``. ``line`` is null where
the whole file is meant; of a notebook it counts over the lines of its code cells. A file without a row, or with
``"clean": true`` or no family, is clean. Families may be written with spaces, underscores or capitals, or as the
anti-pattern they are ("no validation set").

A finding is a family at a line, whichever rules of the family speak. By lines it is right when its family is marked in
its file within ``--within`` lines, or for the whole file; a mark is found when a finding of its family fits it so. By
files, a family is said of a file or not, and marked or not. What is said of a clean file is wrong.

All files are scanned in one run. Every labelled file is a repository of its own for the rules by absence. Printed: both
tables with exact intervals (Clopper-Pearson, 95 %), the seconds of the scan, marked files that were not scanned, and
with ``--list`` every finding that is wrong and every mark that is missed.

With ``--clean``, well-known code is scanned instead: findings of high severity per 2,000 lines, each listed, to be
looked at. Exit 1 when there is more than one. Rules by absence are of low severity and left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nonet import settings as configuration
from nonet.errors import InputError, NonetError
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.filesystem.roots import Roots
from nonet.tools.semgrep import pack, program
from nonet.tools.semgrep.absence import shown
from nonet.tools.semgrep.findings import Finding
from nonet.tools.semgrep.scanning import Scanned, scan
from nonet.tools.semgrep.staging import files
from nonet.trials.statistics import rate_bounds

LINES = 2_000
TABLES = (("lines", "finding"), ("files", "family of a file"))


@dataclass(frozen=True, order=True)
class Place:
    """A family at a line of a file; ``line`` is 0 where the whole file is meant."""

    family: str
    file: str
    line: int

    def fits(self, mark: Place, within: int) -> bool:
        """Whether a finding here is what a mark means."""
        same = (self.family, self.file) == (mark.family, mark.file)
        return same and (mark.line == 0 or abs(self.line - mark.line) <= within)


@dataclass(frozen=True)
class Score:
    """What was said of a family and how much of it is right; what is marked and how much of it was found."""

    family: str
    said: int
    right: int
    marked: int
    found: int


def main() -> int:
    parser = argparse.ArgumentParser(description="Precision and recall of the rule pack.")
    parser.add_argument("folder", type=Path, nargs="?", help="folder of labelled files with labels.jsonl")
    parser.add_argument("--clean", type=Path, nargs="+", help="folders of clean code")
    parser.add_argument("--within", type=int, default=3, help="lines by which a place may differ (default 3)")
    parser.add_argument("--list", action="store_true", help="print what is wrong and what is missed")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--home", help="folder of Semgrep's environment (default: Nonet's home)")
    options = parser.parse_args()
    if bool(options.clean) == bool(options.folder):
        parser.error("give one FOLDER, or --clean and folders")
    try:
        settings = configuration.load({"home": options.home})
        program.prepare(settings)
        return clean(options.clean, settings, options) if options.clean else labelled(options, settings)
    except NonetError as error:
        print(f"rule_pack: {error}", file=sys.stderr)
        return error.exit_code


def labelled(options: argparse.Namespace, settings: Settings) -> int:
    """Score the pack on labelled files."""
    folder: Path = options.folder
    marks = read(folder)
    began = time.perf_counter()
    scanned = seen(folder, settings)
    seconds = time.perf_counter() - began
    said = sorted({Place(each.rule.about.family, each.source.path, each.first) for each in scanned.findings})
    there = {entry.relative for entry in files(Roots(ToolContext(settings, (folder,))))}
    unscanned = sorted({mark.file for mark in marks} - there)
    within: int = options.within
    by_line = scores(said, marks, lambda place, mark: place.fits(mark, within))
    whole = [sorted({replace(place, line=0) for place in places}) for places in (said, marks)]
    by_file = scores(whole[0], whole[1], lambda place, mark: place == mark)
    wrong = [place for place in said if not any(place.fits(mark, within) for mark in marks)]
    missed = [mark for mark in marks if not any(place.fits(mark, within) for place in said)]
    if options.json:
        told: dict[str, Any] = {
            name: [
                {**asdict(row), "precision": bounds(row.right, row.said), "recall": bounds(row.found, row.marked)}
                for row in rows
            ]
            for name, rows in (("lines", by_line), ("files", by_file))
        }
        told |= {"wrong": [asdict(each) for each in wrong], "missed": [asdict(each) for each in missed]}
        told |= {"scanned": scanned.files, "unscanned": unscanned, "seconds": round(seconds, 1), "note": scanned.note}
        print(json.dumps(told, indent=1))
        return 0
    for (what, unit), rows in zip(TABLES, (by_line, by_file), strict=True):
        print(f"By {what} (a {unit} is right or wrong):\n\n| family | precision | recall |\n|---|---|---|")
        print("".join(f"| {r.family} | {share(r.right, r.said)} | {share(r.found, r.marked)} |\n" for r in rows))
    for name, places in (("wrong", wrong), ("missed", missed)) if options.list else ():
        print("".join(f"{name}: {place.file}:{place.line or 'whole'} {place.family}\n" for place in places), end="")
    if unscanned:
        print(f"Marked, but not scanned: {', '.join(unscanned)}")
    print(f"{scanned.files} files in {seconds:.1f} s. {scanned.note}".strip())
    return 0


def read(folder: Path) -> list[Place]:
    """Read the marks, each once.

    Raises:
        InputError: there are none, or a row is malformed.
    """
    path = folder / "labels.jsonl"
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", "Give a folder with labels.jsonl.") from error
    marks: set[Place] = set()
    for number, text in enumerate(rows, start=1):
        try:
            row: dict[str, Any] = json.loads(text) if text.strip() else {"clean": True}
            if row.get("family") and not row.get("clean"):
                name = str(row["file"]).removeprefix("./")
                marks.add(Place(pack.canonical(row["family"]), name, int(row.get("line") or 0)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path}:{number} is no label.", "A row is {file, line, family}.") from error
    return sorted(marks)


def seen(folder: Path, settings: Settings) -> Scanned:
    """All rules over all files in one scan; of a rule by absence what its own file shows no remedy for."""
    context = ToolContext(settings, (folder,))
    by_name = {rule.id: rule for rule in pack.rules()}
    scanned = scan("", [replace(rule, absent=None) for rule in by_name.values()], context)
    kept: list[Finding] = []
    told: set[tuple[str, str]] = set()
    for each in scanned.findings:
        rule, place = by_name[each.rule.id], (each.rule.id, each.source.path)
        if rule.absent is None:
            kept.append(each)
        elif place not in told:
            told.add(place)
            if not shown([rule], Roots(context, [folder / each.source.path]))[0]:
                kept.append(each)
    return replace(scanned, findings=kept)


def clean(folders: Sequence[Path], settings: Settings, options: argparse.Namespace) -> int:
    """Count and list findings of high severity in clean code."""
    rules = [rule for rule in pack.rules() if rule.about.severity_level == "high"]
    context = ToolContext(settings, tuple(folders))
    scanned = scan("", rules, context)
    roots = Roots(context)
    lines = sum(roots.read(entry.root, entry.relative).count(b"\n") for entry in files(roots, suffixes=(".py",)))
    per = len(scanned.findings) / max(1.0, lines / LINES)
    rows = [
        (each.rule.id, each.reference, each.source.lines[each.first - 1].strip()[:100]) for each in scanned.findings
    ]
    if options.json:
        told = {"findings": rows, "lines": lines, "files": scanned.files, "per_2000_lines": round(per, 3)}
        print(json.dumps({**told, "note": scanned.note}, indent=1))
    else:
        print("".join(f"{'  '.join(row)}\n" for row in rows), end="")
        print(
            f"{len(rows)} of high severity in {lines:,} lines of {scanned.files} files: {per:.3f} per {LINES:,} lines"
        )
        print(scanned.note, end="\n" if scanned.note else "")
    return 1 if per > 1 else 0


def scores(said: Sequence[Place], marks: Sequence[Place], fits: Callable[[Place, Place], bool]) -> list[Score]:
    """Score each family that is said or marked, and all of them together."""
    rows: list[Score] = []
    for family in sorted({place.family for place in (*said, *marks)}):
        here = [place for place in said if place.family == family]
        wanted = [mark for mark in marks if mark.family == family]
        right = sum(any(fits(place, mark) for mark in wanted) for place in here)
        found = sum(any(fits(place, mark) for place in here) for mark in wanted)
        rows.append(Score(family, len(here), right, len(wanted), found))
    return [*rows, total(rows)]


def total(rows: Iterable[Score]) -> Score:
    """Add families up."""
    columns = zip(*((row.said, row.right, row.marked, row.found) for row in rows), strict=True)
    return Score("all", *(tuple(map(sum, columns)) or (0, 0, 0, 0)))


def bounds(hits: int, n: int) -> tuple[float, float] | None:
    """The exact interval of a share; nothing where there is none."""
    if n == 0:
        return None
    low, high = rate_bounds(hits, n)
    return round(low, 3), round(high, 3)


def share(hits: int, n: int) -> str:
    """A share with its interval, for people."""
    interval = bounds(hits, n)
    return f"{hits / n:.2f} [{interval[0]:.2f}, {interval[1]:.2f}] ({hits}/{n})" if interval else "— (0/0)"


if __name__ == "__main__":
    sys.exit(main())

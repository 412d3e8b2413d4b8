"""How well does the rule pack find what people marked? Precision and recall, family by family.

    uv run python evals/rule_pack.py --labels FOLDER [--within 3] [--home HOME]
    uv run python evals/rule_pack.py --clean FOLDER [FOLDER …]

FOLDER holds Python files or notebooks and ``labels.jsonl``: rows ``{"file", "line", "family"}``; ``line`` is null where
the whole file is meant, and a file with no row (or with family null) is clean. A finding is right when its family is
marked in its file, within ``--within`` lines where a line is given; a mark is found when some finding of its family is.
Families may be written with spaces or capitals, or as the anti-pattern they are ("no validation set").

Every labelled file is a repository of its own for the rules by absence. All other rules see all files in one scan.
Printed: precision and recall with Wilson intervals (95 %), the seconds of the scan, and the figures over all families.

With ``--clean``, well-known code is scanned instead: findings of high severity per 2,000 lines, each listed, to be
looked at. Exit 1 when there is more than one.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nonet import settings as configuration
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.filesystem.roots import Roots
from nonet.tools.semgrep import pack, program
from nonet.tools.semgrep.absence import shown
from nonet.tools.semgrep.findings import Finding
from nonet.tools.semgrep.scanning import scan

LINES = 2_000
Z = 1.959964


@dataclass(frozen=True)
class Label:
    """One mark: ``line`` is ``None`` where the whole file is meant."""

    file: str
    line: int | None
    family: str


def main() -> int:
    parser = argparse.ArgumentParser(description="Precision and recall of the rule pack.")
    parser.add_argument("--labels", type=Path, help="folder of labelled files")
    parser.add_argument("--clean", type=Path, nargs="+", help="folders of clean code")
    parser.add_argument("--within", type=int, default=3, help="lines by which a place may differ (default 3)")
    parser.add_argument("--home", help="folder of Semgrep's environment (default: Nonet's home)")
    options = parser.parse_args()
    settings = configuration.load({"home": options.home})
    program.prepare(settings)
    if options.clean:
        return clean(options.clean, settings)
    if not options.labels:
        parser.error("give --labels or --clean")
    return labelled(options.labels, options.within, settings)


def labelled(folder: Path, within: int, settings: Settings) -> int:
    """Score the pack on labelled files."""
    labels = read(folder / "labels.jsonl")
    began = time.perf_counter()
    found = seen(folder, settings)
    seconds = time.perf_counter() - began
    rows: list[dict[str, Any]] = []
    places = {(each.rule.about.family, inner(each, folder), each.first) for each in found}
    families = sorted({each.family for each in labels} | {family for family, _, _ in places})
    for family in families:
        marks = [each for each in labels if each.family == family]
        said = [place for place in places if place[0] == family]
        right = sum(any(fits(place, mark, within) for mark in marks) for place in said)
        hit = sum(any(fits(place, mark, within) for place in said) for mark in marks)
        rows.append({"family": family, "said": len(said), "right": right, "marks": len(marks), "found": hit})
    total = {name: sum(row[name] for row in rows) for name in ("said", "right", "marks", "found")}
    print("| family | precision | recall |\n|---|---|---|")
    for row in [*rows, {"family": "all", **total}]:
        row["precision"], row["recall"] = wilson(row["right"], row["said"]), wilson(row["found"], row["marks"])
        print(f"| {row['family']} | {told(row['right'], row['said'])} | {told(row['found'], row['marks'])} |")
    print(f"{len(list(files(folder)))} files in {seconds:.1f} s")
    print(json.dumps({"rows": rows, "seconds": round(seconds, 1)}))
    return 0


def seen(folder: Path, settings: Settings) -> list[Finding]:
    """All rules over all files in one scan; of a rule by absence what its own file shows no remedy for."""
    context = ToolContext(settings, (folder,))
    by_name = {rule.id: rule for rule in pack.rules()}
    kept: list[Finding] = []
    told: set[tuple[str, str]] = set()
    for each in scan("", [replace(rule, absent=None) for rule in by_name.values()], context).findings:
        rule, path = by_name[each.rule.id], folder / inner(each, folder)
        if rule.absent is None:
            kept.append(each)
        elif (rule.id, each.source.name) not in told and not shown([rule], Roots(context, [path]))[0]:
            told.add((rule.id, each.source.name))
            kept.append(each)
    return kept


def clean(folders: Sequence[Path], settings: Settings) -> int:
    """Count and list findings of high severity in clean code."""
    rules = [rule for rule in pack.rules() if rule.absent is None]
    scanned = scan("", rules, ToolContext(settings, tuple(folders)))
    lines = sum(len(path.read_bytes().splitlines()) for folder in folders for path in files(folder))
    high = [each for each in scanned.findings if each.rule.about.severity_level == "high"]
    for each in high:
        print(f"{each.rule.id}  {each.reference}  {each.source.lines[each.first - 1].strip()[:100]}")
    share = len(high) / max(1.0, lines / LINES)
    print(f"{len(high)} of high severity in {lines:,} lines of {scanned.files} files: {share:.3f} per {LINES:,} lines")
    return 1 if share > 1 else 0


def read(path: Path) -> list[Label]:
    """Read the marks."""
    aliases = {plain(rule.about.anti_pattern): rule.about.family for rule in pack.rules() if rule.about.anti_pattern}
    labels: list[Label] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line) if line.strip() else {}
        if row.get("family"):
            family = plain(row["family"])
            labels.append(Label(row["file"], row.get("line"), aliases.get(family, family)))
    return labels


def plain(name: str) -> str:
    """Write a family's name as the pack does."""
    return "-".join(name.lower().replace("_", " ").replace("-", " ").replace("–", " ").split())


def files(folder: Path) -> Sequence[Path]:
    """The files of a folder that can be scanned."""
    return [path for path in folder.rglob("*") if path.suffix in (".py", ".ipynb") and path.is_file()]


def inner(found: Finding, folder: Path) -> str:
    """A finding's file, as labels name it."""
    return found.source.name.partition("/")[2] if found.source.name.startswith(f"{folder.name}/") else found.source.name


def fits(place: tuple[str, str, int], mark: Label, within: int) -> bool:
    """Whether a finding is at a mark."""
    _, file, line = place
    same = file == mark.file or mark.file.endswith(f"/{file}")
    return same and (mark.line is None or abs(line - mark.line) <= within)


def wilson(hits: int, n: int) -> tuple[float, float] | None:
    """The Wilson score interval of a share (Wilson 1927); nothing where there is none."""
    if n == 0:
        return None
    share, room = hits / n, Z * Z / n
    middle = (share + room / 2) / (1 + room)
    half = Z * math.sqrt(share * (1 - share) / n + room / (4 * n)) / (1 + room)
    return round(middle - half, 3), round(middle + half, 3)


def told(hits: int, n: int) -> str:
    """A share with its interval, for people."""
    interval = wilson(hits, n)
    return f"{hits / n:.2f} [{interval[0]:.2f}, {interval[1]:.2f}] ({hits}/{n})" if interval else "— (0/0)"


if __name__ == "__main__":
    sys.exit(main())

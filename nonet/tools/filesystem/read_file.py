"""``read_file``: one file beneath the roots, by what it is: its lines, or what a model or a log says in short."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.tools.contract import EXCERPT_LIMIT, Arguments, Facts, Found, Item, Tool, ToolContext
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.describing import HEAD, describe, describe_text, is_binary, refusal
from nonet.tools.filesystem.kinds.described import Described
from nonet.tools.filesystem.roots import Root, Roots, text
from nonet.tools.filesystem.tracked_run import run_beneath

PART_LIMIT = 8
SERIES_LIMIT = 24


class ReadFileArguments(Arguments):
    """What to read."""

    path: str = Field(description="File to read, as list_directory or search_files name it.")
    first_line: int = Field(default=1, ge=1, description="Line to begin at, counted from 1.")
    lines: int = Field(default=400, ge=1, le=2000, description="Lines to read at most.")


class ReadFile(Tool[ReadFileArguments]):
    """The tool."""

    name = "read_file"
    service = "filesystem"
    description = (
        "Read one file of the user's. Text comes as lines. Configurations (YAML, JSON, TOML) come with their values. "
        "Training logs (CSV, JSONL, trainer_state.json, TensorBoard events, an MLflow run's folder, mlflow.db) come as "
        "series: first, last, best, trend, divergence, overfitting; first_line=2 shows their lines. Models and "
        "checkpoints (ONNX, safetensors, GGUF, joblib, pickle, PyTorch, Keras, NumPy) are described by their headers, "
        "never loaded. Other binary files, hidden and too large ones are refused."
    )
    Arguments = ReadFileArguments

    async def find(self, arguments: ReadFileArguments, context: ToolContext) -> Found:
        """Read in a thread: files may lie on a slow disk."""
        return await asyncio.to_thread(_read, arguments, context)


def _read(arguments: ReadFileArguments, context: ToolContext) -> Found:
    roots = Roots(context)
    root, relative = roots.locate(arguments.path)
    tracked = run_beneath(roots, root, relative) if arguments.first_line == 1 else None
    if tracked is not None:
        return _told(f"{root.name}/{relative}", [tracked])
    with roots.opened(root, relative) as file:
        described = describe(file, roots.limit)
        if described:
            return _told(file.name, described, file.size)
        head = file.at(0, HEAD)
        if is_binary(head):
            raise refusal(arguments.path, head, file.size)
        content = beneath.content(file.descriptor, arguments.path, roots.limit)
    return _text(arguments, root, relative, text(content, arguments.path))


def _text(arguments: ReadFileArguments, root: Root, relative: str, whole: str) -> Found:
    """Return the lines asked for; from the first line on, what the file says as a configuration or log as well."""
    name, lines, first = f"{root.name}/{relative}", whole.splitlines(), arguments.first_line
    wanted = lines[first - 1 : first - 1 + arguments.lines]
    items, note = parts(name, relative.rsplit("/", 1)[-1], wanted, first)
    if first - 1 + arguments.lines < len(lines):
        note = note or f"{arguments.path} has {len(lines)} lines; read on from first_line={first + len(wanted)}."
    if not wanted:
        note = f"{arguments.path} has {len(lines)} lines." if lines else f"{arguments.path} is empty."
    described = describe_text(name, whole) if first == 1 and wanted else None
    if described is None:
        return Found("folder", items, note)
    if described.source:
        facts = {"kind": described.kind, "bytes": len(whole.encode()), **described.facts}
        items[0] = items[0].model_copy(update={"facts": facts})
        return Found("folder", items, " ".join([*described.notes, note]).strip())
    told = _told(name, [described], len(whole.encode()))
    following = int(items[1].reference.rpartition(":")[2]) if len(items) > 1 else first + len(wanted)
    on = f"{arguments.path} has {len(lines)} lines; read on from first_line={following}."
    on = on if following <= len(lines) else ""
    return Found("folder", [*told.items, *items[:1]], " ".join([told.note, on]).strip())


def _told(name: str, described: Sequence[Described], size: int | None = None) -> Found:
    """Return descriptions as items, each followed by its series."""
    items: list[Item] = []
    notes: list[str] = []
    title, left_out = name.rsplit("/", 1)[-1], 0
    for each in described:
        facts = {"kind": each.kind, **({} if size is None else {"bytes": size}), **each.facts}
        kept, cut = _fitting(each.lines)
        items.append(Item(reference=name, title=f"{each.kind}: {title}", excerpt=kept or each.kind, facts=facts))
        notes += [*each.notes, *([f"{cut} lines of its description were left out."] if cut else [])]
        room = max(0, SERIES_LIMIT - (len(items) - 1))
        left_out += max(0, len(each.series) - room)
        for series in each.series[:room]:
            excerpt = "\n".join([f"{series.name}, step and value:", *series.excerpt()])
            points: Facts = {"kind": "series", **series.facts()}
            items.append(Item(reference=name, title=f"{series.name} in {title}", excerpt=excerpt, facts=points))
    if left_out:
        notes.append(f"{left_out} metrics are summarised without their points.")
    return Found("folder", items, " ".join(notes))


def _fitting(lines: Sequence[str]) -> tuple[str, int]:
    """Return as many lines as an excerpt holds, and how many it does not."""
    size = 0
    for number, line in enumerate(lines):
        size += len(line) + 1
        if size > EXCERPT_LIMIT:
            return "\n".join(lines[:number]), len(lines) - number
    return "\n".join(lines), 0


def parts(name: str, title: str, lines: Sequence[str], first: int = 1) -> tuple[list[Item], str]:
    """Cut numbered lines into items of at most ``EXCERPT_LIMIT`` characters; the note says what was left out."""
    items: list[Item] = []
    block: list[str] = []
    start, size = first, 0
    cut = [number for number, line in enumerate(lines, start=first) if len(line) > EXCERPT_LIMIT]
    note = f"Line {cut[0]} is cut at {EXCERPT_LIMIT:,} characters." if cut else ""
    for number, line in enumerate([*lines, None], start=first):
        shown = None if line is None else line[:EXCERPT_LIMIT]
        if block and (shown is None or size + len(shown) + 1 > EXCERPT_LIMIT):
            items.append(Item(reference=f"{name}:{start}", title=title, excerpt="\n".join(block)))
            block, size, start = [], 0, number
            if len(items) == PART_LIMIT and shown is not None:
                return items, f"{name} is shown up to line {number - 1}. {note}".strip()
        if shown is not None:
            block.append(shown)
            size += len(shown) + 1
    return items, note

"""What rules, memory and the library of notes say to a question where no model can be asked. It is no opinion."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nonet.errors import ToolError
from nonet.tools.clink.material import files
from nonet.tools.contract import Item, ToolContext

NOTES, MEMORIES, FINDINGS = 5, 5, 20


async def without(prompt: str, paths: Sequence[str], context: ToolContext) -> tuple[list[Item], list[str]]:
    """Return what was found, rules first, and a remark for each source that could not be used."""
    items: list[Item] = []
    remarks: list[str] = []
    for path in paths:
        await asyncio.to_thread(files, [path], context)  # a path that may not be read is refused, prepared or not
        found, remark = await _rules(path, context)
        items += found
        remarks += [remark] if remark and remark not in remarks else []
    items += await asyncio.to_thread(_notes, prompt, context)
    try:
        items += await _memory(prompt, context)
    except ToolError as error:
        remarks.append(f"The memory did not answer: {error.message}")
    return items, remarks


async def _rules(path: str, context: ToolContext) -> tuple[list[Item], str]:
    from nonet.tools.semgrep.semgrep_scan import SemgrepScan, SemgrepScanArguments

    scanner = SemgrepScan()
    lack = scanner.unready(context)
    if lack:
        return [], f"No rule was run over the files: {lack}."
    try:
        found = await scanner.find(SemgrepScanArguments(path=path, max_results=FINDINGS), context)
    except ToolError as error:
        return [], f"The rules did not run over {path}: {error.message}"
    return found.items, found.note


def _notes(prompt: str, context: ToolContext) -> list[Item]:
    from nonet.tools.notes import library
    from nonet.tools.ranking import Ranking

    notes = library(context.workflow)
    best = Ranking([note.searchable for note in notes]).best(prompt, NOTES)
    return [notes[position].item() for position, _ in best]


async def _memory(prompt: str, context: ToolContext) -> list[Item]:
    from nonet.tools.qdrant.find import QdrantFind, QdrantFindArguments

    arguments = QdrantFindArguments(query=prompt[:2000], max_results=MEMORIES)
    return (await QdrantFind().call(arguments, context)).items

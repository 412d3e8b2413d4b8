"""Splitters with a second size, and those that cut by meaning: what the sized ones do not tell by themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence

from nonet.blueprints.rag_system.existing.code import Call
from nonet.blueprints.rag_system.existing.sizes import LONGEST, SIZED
from nonet.blueprints.rag_system.existing.system import Existing
from nonet.blueprints.rag_system.existing.values import Unknown, Values


def _semantic(call: Call, found: Sequence[Call], values: Values, system: Existing) -> None:
    kind = values.of(call.given("breakpoint_threshold_type"), "percentile")
    given = call.given("breakpoint_threshold_amount", "breakpoint_percentile_threshold", "threshold")
    percentile = system.known(values.number(given, 95), 95)
    system.parts.append(f"splitter {call.name} at p{percentile:g}")
    if kind != "percentile" or call.given("number_of_chunks") is not None:
        system.missing.append(
            f"the breakpoints of {call.name} by {kind}"
            if kind != "percentile"
            else f"the number of chunks that {call.name} is given"
        )
        percentile = 95
    system.remarks.append("Its sentences are compared by static word vectors here, not by its embedding model.")
    system.fields |= {
        "chunking": "semantic",
        "chunk_unit": "words",
        "chunk_size": LONGEST,
        "semantic_percentile": min(99, max(1, round(percentile))),
    }


def _parents(call: Call, found: Sequence[Call], values: Values, system: Existing) -> None:
    """LangChain's ``ParentDocumentRetriever``: a child splitter, and a parent splitter or whole documents."""
    child = _referenced(call.given("child_splitter"), found, values)
    parent = _referenced(call.given("parent_splitter"), found, values)
    size, unit = _size_of(child, values, system)
    large = LONGEST * 2.0 if call.given("parent_splitter") is None else _size_of(parent, values, system)[0]
    system.parts.append(f"splitter {call.name}, {size:g} in {large:g} {unit}")
    system.remarks.append("Children and parents are windows here, which do not keep paragraphs whole.")
    _parent_child(unit, size, large, system)


def _hierarchy(call: Call, found: Sequence[Call], values: Values, system: Existing) -> None:
    """LlamaIndex' ``HierarchicalNodeParser``: leaves are searched, the level above them is read where many match."""
    sizes = values.numbers(call.given("chunk_sizes"))
    if isinstance(sizes, Unknown):
        system.missing.append(f"the value of {sizes.text}")
    levels = sorted(sizes) if isinstance(sizes, Sequence) and len(sizes) > 1 else [128.0, 512.0, 2048.0]
    system.parts.append(f"splitter {call.name}, {levels[0]:g} in {levels[1]:g} tokens")
    system.missing.append("the merging of leaves only where enough of them match (the parent of every leaf is read)")
    _parent_child("tokens", levels[0], levels[1], system)


def _sentence_windows(call: Call, found: Sequence[Call], values: Values, system: Existing) -> None:
    """LlamaIndex' ``SentenceWindowNodeParser``: a sentence is searched, so many on both sides are read with it."""
    around = system.known(values.number(call.given("window_size"), 3), 3)
    system.parts.append(f"splitter {call.name}, a sentence in {2 * around + 1:g}")
    system.missing.append("single sentences as chunks (the nearest searches windows of 25 words)")
    _parent_child("words", 25, 25 * (2 * around + 1), system)


def _parent_child(unit: str, size: float, parent: float, system: Existing) -> None:
    system.fields |= {
        "chunking": "parent_child",
        "chunk_unit": unit,
        "chunk_size": int(size),
        "chunk_overlap": 0,
        "parent_size": int(parent),
    }


def _size_of(call: Call | None, values: Values, system: Existing) -> tuple[float, str]:
    if call is None or call.name not in SIZED:
        system.missing.append("the sizes of its child and parent splitters")
        return 400.0, "characters"
    kind = SIZED[call.name]
    unit = "tokens" if "tiktoken" in call.method else kind.unit
    return system.known(values.number(call.given(kind.names[0]), kind.size), kind.size), unit


def _referenced(node: ast.expr | None, found: Sequence[Call], values: Values) -> Call | None:
    """The call that an argument is, or that its name was assigned."""
    texts = [ast.unparse(node)] if node is not None else []
    texts += values.constants.get(texts[0].rpartition(".")[2], []) if texts else []
    for call in found:
        shown = re.escape(f"{call.name}{f'.{call.method}' if call.method else ''}(")
        if any(re.match(rf"([\w.]*\.)?{shown}", text) and _same(call, text) for text in texts):
            return call
    return None


def _same(call: Call, text: str) -> bool:
    """Whether a line of code is that call: its keywords stand in it, as far as the line goes."""
    line = re.sub(r"\s+", "", text)
    shown = [f"{name}={ast.unparse(value)}".replace(" ", "") for name, value in call.keywords.items()]
    return not line.endswith(")") or all(each in line for each in shown)


SPECIAL: Mapping[str, Callable[[Call, Sequence[Call], Values, Existing], None]] = {
    "SemanticChunker": _semantic,
    "SemanticSplitterNodeParser": _semantic,
    "ParentDocumentRetriever": _parents,
    "HierarchicalNodeParser": _hierarchy,
    "SentenceWindowNodeParser": _sentence_windows,
}
"""Class → what reads it into an existing system: the call, all calls, the values, the system."""

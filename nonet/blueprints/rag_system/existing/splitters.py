"""How an existing system cuts its documents: LangChain's, LlamaIndex' and Haystack's splitters, and slices by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from nonet.blueprints.rag_system.existing.by_hand import slices
from nonet.blueprints.rag_system.existing.code import Call
from nonet.blueprints.rag_system.existing.nested_splitters import SPECIAL
from nonet.blueprints.rag_system.existing.sizes import LANGUAGE, LONGEST, SIZED
from nonet.blueprints.rag_system.existing.system import Existing
from nonet.blueprints.rag_system.existing.values import Values

_TOKENS = "Its tokens are counted with MiniLM's tokenizer."


_HEADINGS = (
    "MarkdownHeaderTextSplitter",
    "ExperimentalMarkdownSyntaxTextSplitter",
    "HTMLHeaderTextSplitter",
    "HTMLSectionSplitter",
    "HTMLSemanticPreservingSplitter",
    "MarkdownNodeParser",
    "HTMLNodeParser",
    "MarkdownHeaderSplitter",
)
_NOT_HELD = (
    "SemanticDoubleMergingSplitterNodeParser",
    "CodeSplitter",
    "JSONNodeParser",
    "RecursiveJsonSplitter",
    "LangchainNodeParser",
    "SemanticDocumentSplitter",
    "LateChunker",
    "SDPMChunker",
    "NeuralChunker",
    "SlumberChunker",
)


def read(found: Sequence[Call], values: Values, code: str, system: Existing) -> None:
    """Put the chunking of an existing system into its fields."""
    special = [(call, SPECIAL[call.name]) for call in found if call.name in SPECIAL]
    sized = [call for call in found if call.name in SIZED or call.name == "DocumentSplitter"]
    headings = [call for call in found if call.name in _HEADINGS]
    for call in found:
        if call.name in _NOT_HELD:
            system.parts.append(f"splitter {call.name}")
            system.missing.append(f"the splitter {call.name}")
    if special:
        call, reader = special[0]
        reader(call, found, values, system)
    elif headings:
        _by_headings(headings[0], sized, values, system)
    elif sized:
        _sized(sized[0], values, code, system)
        if len({call.text() for call in sized}) > 1:
            system.remarks.append("More than one splitter was found; the first is measured.")
    elif any(call.name == "VectorStoreIndex" for call in found):
        _by_default(values, code, system)
    elif not system.parts:
        cut = slices(code, values)
        if cut is not None:
            _cut("by hand", *cut, system)
    if system.fields.get("chunk_unit") == "tokens":
        system.remarks.append(_TOKENS)


def _sized(call: Call, values: Values, code: str, system: Existing) -> None:
    if call.name == "DocumentSplitter":
        return _haystack(call, values, system)
    kind, chunking, unit = SIZED[call.name], SIZED[call.name].chunking, SIZED[call.name].unit
    size, overlap = kind.size, kind.overlap
    if call.name == "TokenTextSplitter" and "llama_index" in code:
        chunking, size, overlap = "windows", 1024, 20
    if re.search(r"from_(tiktoken_encoder|huggingface_tokenizer)", call.method):
        unit = "tokens"
    if call.given("separators") is not None or call.method == "from_language":
        system.remarks.append(LANGUAGE.remark)
    if kind.remark and not (call.name == "CharacterTextSplitter" and values.of(call.given("separator")) == ""):
        system.remarks.append(kind.remark)
    unit = _counted(call, unit, system)
    by_place = dict(zip(kind.names, call.arguments, strict=False)) if call.name in _BY_PLACE else {}
    numbers = [
        values.number(call.given(name) or by_place.get(name), default)
        for name, default in zip(kind.names, (size, overlap), strict=True)
    ]
    _cut(call.name, chunking, unit, system.known(numbers[0], size), system.known(numbers[1], overlap), system)


_BY_PLACE = ("SentenceSplitter", "SimpleNodeParser", "RecursiveDocumentSplitter")


def _counted(call: Call, unit: str, system: Existing) -> str:
    """What a ``length_function`` counts."""
    counter = call.given("length_function")
    if counter is None or (isinstance(counter, ast.Name) and counter.id == "len"):
        return unit
    text = ast.unparse(counter)
    if re.search(r"token|encod", text, re.I):
        return "tokens"
    if re.search(r"len\(\w+\.split\(\)\)|word", text):
        return "words"
    system.missing.append(f"the length function {text}")
    return unit


def _cut(name: str, chunking: str, unit: str, size: float, overlap: float, system: Existing) -> None:
    """Set the fields of a cut; an overlap below one is a share of the size."""
    overlap = round(overlap * size) if 0 < overlap < 1 else overlap
    system.fields |= {"chunking": chunking, "chunk_unit": unit, "chunk_size": int(size), "chunk_overlap": int(overlap)}
    system.parts.append(f"splitter {name} {int(size)}/{int(overlap)} {unit}")


def _haystack(call: Call, values: Values, system: Existing) -> None:
    by = str(values.of(call.given("split_by"), "word"))
    size = system.known(values.number(call.given("split_length"), 200), 200)
    overlap = system.known(values.number(call.given("split_overlap"), 0), 0)
    if by == "word":
        whole = values.of(call.given("respect_sentence_boundary"), False) is True
        return _cut(call.name, "sentences" if whole else "windows", "words", size, overlap, system)
    _cut(f"{call.name} by {by}", "recursive", "words", min(size * _WORDS_IN.get(by, 20), LONGEST), 0, system)
    system.missing.append(f"chunks of {size:g} × {by} (the nearest counts words)")


_WORDS_IN = {"sentence": 20, "period": 20, "line": 12, "passage": 80, "page": 400, "function": 100}


def _by_headings(call: Call, sized: Sequence[Call], values: Values, system: Existing) -> None:
    """By sections; a second splitter that cuts the long ones gives their size."""
    unit, size = "words", float(LONGEST)
    if sized and sized[0].name in SIZED:
        kind = SIZED[sized[0].name]
        unit = "tokens" if "tiktoken" in sized[0].method else kind.unit
        size = system.known(values.number(sized[0].given(kind.names[0]), kind.size), kind.size)
        system.remarks.append("Long sections are cut without overlap here.")
        system.parts.append(f"splitter {sized[0].name} {int(size)} {unit} within sections")
    system.fields |= {"chunking": "headings", "chunk_unit": unit, "chunk_size": int(size), "chunk_overlap": 0}
    system.parts.append(f"splitter {call.name}")


def _by_default(values: Values, code: str, system: Existing) -> None:
    """LlamaIndex cuts by ``SentenceSplitter`` where nothing else is said; ``Settings`` may hold other sizes."""
    said = re.search(r"\b(Settings|ServiceContext)\b.*chunk_(size|overlap)", code, re.S)
    size, overlap = (values.named(name) if said else None for name in ("chunk_size", "chunk_overlap"))
    sizes = [each if isinstance(each, int) else default for each, default in ((size, 1024), (overlap, 200))]
    _cut("SentenceSplitter (LlamaIndex' default)", "sentences", "tokens", sizes[0], min(sizes[1], sizes[0] - 1), system)


NAMES: tuple[str, ...] = (*SIZED, "DocumentSplitter", *_HEADINGS, *_NOT_HELD, *SPECIAL)
"""Everything that is recognised as a splitter."""

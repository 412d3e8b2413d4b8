"""The user's existing system, read from excerpts of its code: splitter, embedding, lexical search, fusion, reranker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nonet.state import Evidence, Json

# Splitters that the design space can repeat: chunking, unit, the library's own default size and overlap.
_SPLITTERS: Mapping[str, tuple[str, str, int, int]] = {
    "RecursiveCharacterTextSplitter": ("recursive", "characters", 4000, 200),
    "TokenTextSplitter": ("windows", "tokens", 1024, 20),
    "MarkdownHeaderTextSplitter": ("headings", "words", 20_000, 0),
    "HTMLHeaderTextSplitter": ("headings", "words", 20_000, 0),
    "MarkdownNodeParser": ("headings", "words", 20_000, 0),
}
_OTHER_SPLITTERS = (
    "CharacterTextSplitter|SentenceSplitter|SemanticChunker|SemanticSplitterNodeParser|NLTKTextSplitter|SpacyTextSplitter"
    "|MarkdownTextSplitter|SentenceWindowNodeParser|SentenceTransformersTokenTextSplitter|PythonCodeTextSplitter"
)
_EMBEDDERS = (
    "HuggingFaceEmbeddings?|HuggingFaceEmbedding|SentenceTransformer(?:Embeddings|EmbeddingFunction)?|FastEmbedEmbeddings"
    "|OpenAIEmbeddings?|OpenAIEmbedding|CohereEmbeddings?|VoyageAIEmbeddings|OllamaEmbeddings?|BedrockEmbeddings"
    "|GoogleGenerativeAIEmbeddings|AzureOpenAIEmbeddings|HuggingFaceBgeEmbeddings|TextEmbedding|DefaultEmbeddingFunction"
)
_RERANKERS = (
    "CrossEncoder(?:Reranker)?|CohereRerank|FlashrankRerank|SentenceTransformerRerank|LLMRerank|Reranker|ColBERT\\w*"
    "|RAGPretrainedModel|FlagReranker|JinaRerank|VoyageAIRerank"
)
_LEXICAL = "BM25Retriever|BM25Okapi|BM25Plus|BM25L|bm25s\\.BM25|TfidfVectorizer|TFIDFRetriever"
_STORES = (
    "FAISS|Chroma|Qdrant|QdrantVectorStore|Milvus|Pinecone\\w*|Weaviate\\w*|PGVector|InMemoryVectorStore|LanceDB"
    "|faiss\\.\\w+"
)
_FUSIONS = "EnsembleRetriever|QueryFusionRetriever"
_MINILM = re.compile(r"all-MiniLM-L6-v2", re.I)


@dataclass
class Existing:
    """What was recognised of an existing system.

    Attributes:
        fields: fields of a design.
        parts: what was found, in words.
        missing: parts that the design space does not hold.
        remarks: how the measured design differs from the code, where it does.
        evidence: ids of the excerpts.
        references: ``path:line`` of the excerpts.
    """

    fields: dict[str, Json] = field(default_factory=dict[str, Json])
    parts: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    remarks: list[str] = field(default_factory=list[str])
    evidence: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def chunking(self) -> dict[str, Json]:
        """The fields of its chunking alone."""
        return {name: value for name, value in self.fields.items() if name.startswith("chunk")}


@dataclass(frozen=True)
class _Call:
    name: str
    arguments: str


def recognise(evidence: Sequence[Evidence]) -> Existing | None:
    """Read a system from the excerpts of step ``existing_code``; ``None`` when none of its parts is recognised."""
    excerpts = [item for item in evidence if item.step == "existing_code"]
    code = "\n".join(_code(item.excerpt) for item in excerpts)
    system = Existing()
    _read_splitter(code, system)
    _read_retrieval(code, system)
    for call in _calls(code, _RERANKERS):
        system.parts.append(f"reranker {call.name}")
        system.missing.append(f"the reranker {call.name}{_named_model(call)}")
    if not system.parts:
        return None
    system.parts = list(dict.fromkeys(system.parts))
    system.missing = list(dict.fromkeys(system.missing))
    telling = [item for item in excerpts if re.search(_ANY_PART, item.excerpt)]
    system.evidence = tuple(item.id for item in telling)
    system.references = tuple(item.reference for item in telling)
    return system


def _read_splitter(code: str, system: Existing) -> None:
    for name in sorted({call.name for call in _calls(code, _OTHER_SPLITTERS)}):
        system.parts.append(f"splitter {name}")
        system.missing.append(f"the splitter {name}")
    found = list(_calls(code, "|".join(_SPLITTERS)))
    if not found:
        return
    call = found[0]
    chunking, unit, size, overlap = _SPLITTERS[call.name.split(".")[0]]
    if re.search(r"from_(tiktoken_encoder|huggingface_tokenizer)", call.name):
        unit = "tokens"
    length = re.search(r"length_function\s*=\s*([\w.]+)", call.arguments)
    if length and length[1] != "len":
        system.missing.append(f"the length function {length[1]}")
    numbers = {"chunk_size": size, "chunk_overlap": overlap}
    for name in numbers:
        value = _number(code, call, name)
        if isinstance(value, str):
            system.missing.append(f"the value of {value}")
        elif value is not None:
            numbers[name] = int(value)
    system.fields |= {"chunking": chunking, "chunk_unit": unit, **numbers}
    size_text = "" if chunking == "headings" else f" {numbers['chunk_size']}/{numbers['chunk_overlap']} {unit}"
    system.parts.append(f"splitter {call.name}{size_text}")
    if unit == "tokens":
        system.remarks.append("Its tokens are counted with MiniLM's tokenizer.")
    if len({(each.name, each.arguments) for each in found}) > 1:
        system.remarks.append("More than one splitter was found; the first is measured.")


def _read_retrieval(code: str, system: Existing) -> None:
    lexical = next(_calls(code, _LEXICAL), None)
    vectors = _read_embedding(code, system)
    for call in _calls(code, _STORES):
        system.parts.append(f"vector store {call.name.split('.')[0]}")
    if any(part.startswith("vector store") for part in system.parts):
        system.remarks.append("Its vectors are searched exactly here, which the store may only approximate.")
    if lexical is not None:
        system.parts.append(f"lexical search {lexical.name.split('.')[0]}")
        _read_bm25(code, lexical, system)
    fusion = next(_calls(code, _FUSIONS), None)
    if lexical is not None and vectors:
        system.fields["retrieval"] = "hybrid_rrf"
        _read_fusion(code, fusion, system)
    elif vectors:
        system.fields["retrieval"] = "dense"
    elif lexical is not None:
        system.fields["retrieval"] = "bm25"
    elif system.parts:
        system.missing.append("its retrieval, which was not recognised")
    if system.parts:
        system.fields["title_prefix"] = False


def _read_embedding(code: str, system: Existing) -> bool:
    """Whether vectors are used; names the model that is not in the space."""
    calls = list(_calls(code, _EMBEDDERS))
    if _MINILM.search(code) or any(call.name == "DefaultEmbeddingFunction" for call in calls):
        system.fields["embedding"] = "minilm"
        system.parts.append("embedding all-MiniLM-L6-v2")
        system.remarks.append("MiniLM runs as int8 on ONNX, which differs a little from full precision.")
        return True
    for call in calls:
        system.parts.append(f"embedding {call.name}{_named_model(call)}")
        system.missing.append(f"the embedding {call.name}{_named_model(call)}")
    return bool(calls)


def _read_bm25(code: str, call: _Call, system: Existing) -> None:
    if "fidf" in call.name.lower() or call.name in ("BM25Plus", "BM25L"):
        system.missing.append(f"the lexical search {call.name}")
    for name, default in (("k1", 1.5), ("b", 0.75)):
        match = re.search(rf"[\"']?\b{name}[\"']?\s*[=:]\s*(\d*\.?\d+)", call.arguments)
        system.fields[f"bm25_{name}"] = float(match[1]) if match else default


def _read_fusion(code: str, fusion: _Call | None, system: Existing) -> None:
    if fusion is None:
        system.missing.append("the way its two rankings are joined, which was not recognised")
        return
    system.parts.append(f"fusion {fusion.name}")
    weights = re.search(r"weights\s*=\s*\[([^\]]*)\]", fusion.arguments)
    if weights and len({float(text) for text in re.findall(r"\d*\.?\d+", weights[1])}) > 1:
        system.missing.append("the unequal weights of its reciprocal rank fusion")
    constant = _number(code, fusion, "c")
    system.fields["rrf_k"] = int(constant) if isinstance(constant, float) else 60


def _calls(code: str, names: str) -> Iterator[_Call]:
    """Yield calls of the named classes, constructors by class method included, with the text of their arguments."""
    for match in re.finditer(rf"(?<![\w.])((?:[a-z]\w*\.)*?(?:{names})(?:\.from_\w+)?)\s*\(", code):
        if re.search(r"\b(class|def)\s+$", code[max(0, match.start() - 8) : match.start()]):
            continue
        yield _Call(match[1].removeprefix("self."), _balanced(code, match.end()))


def _balanced(code: str, start: int) -> str:
    """The text up to the bracket that closes the call, at most 2,000 characters."""
    depth = 1
    for place in range(start, min(len(code), start + 2000)):
        depth += {"(": 1, ")": -1}.get(code[place], 0)
        if depth == 0:
            return code[start:place]
    return code[start : start + 2000]


def _number(code: str, call: _Call, name: str) -> float | str | None:
    """The number given for an argument: itself, a constant's value, the name of what is not known, or nothing."""
    match = re.search(rf"\b{name}\s*=\s*([\w.]+)", call.arguments)
    if match is None:
        return None
    text = match[1].replace("_", "") if match[1][0].isdigit() else match[1]
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    constant = text.rsplit(".", 1)[-1]
    value = re.search(rf"\b{re.escape(constant)}\s*(?::\s*\w+\s*)?=\s*(\d[\d_]*)\b", code)
    return float(value[1].replace("_", "")) if value else text


def _named_model(call: _Call) -> str:
    match = re.search(r"[\"']([\w./-]{3,80})[\"']", call.arguments)
    return f" ({match[1]})" if match else ""


def _code(excerpt: str) -> str:
    """The excerpt without line numbers and comments."""
    lines = (re.sub(r"^\s*\d+\s*[:|-]\s?", "", line) for line in excerpt.splitlines())
    return "\n".join(re.sub(r"(^|\s)#.*$", "", line) for line in lines)


_ANY_PART = re.compile(
    "|".join(("|".join(_SPLITTERS), _OTHER_SPLITTERS, _EMBEDDERS, _RERANKERS, _LEXICAL, _STORES, _FUSIONS, "MiniLM"))
    + r"|chunk_(size|overlap)",
    re.I,
)

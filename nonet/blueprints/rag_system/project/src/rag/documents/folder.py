"""A folder of documents: each file is read by its suffix, or skipped with the reason."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rag.documents import beir, code, html, markdown, metadata, notebook, rst, text
from rag.documents.model import Document, UnreadableError
from rag.documents.pdf import reader as pdf
from rag.errors import CorpusError

Reader = Callable[[str, bytes], Document]
Parse = Callable[[Reader, str, bytes], Document]


def _plain(parse: Callable[[str, str], Document]) -> Reader:
    """Make a reader of UTF-8 files of a parser of texts."""

    def read(name: str, data: bytes) -> Document:
        if b"\0" in data[:8192]:
            raise UnreadableError("binary")
        return parse(name, data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))

    return read


READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown", ".mdx", ".mkd"), _plain(markdown.parse)),
    **dict.fromkeys((".txt", ".text", ""), _plain(text.parse)),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _plain(html.parse)),
    **dict.fromkeys((".rst",), _plain(rst.parse)),
    **dict.fromkeys((".ipynb",), _plain(notebook.parse)),
    **dict.fromkeys((".pdf",), pdf.parse),
    **dict.fromkeys((".py", ".pyi", ".js", ".jsx", ".mjs", ".ts", ".tsx", ".java", ".kt"), _plain(code.parse)),
    **dict.fromkeys((".scala", ".go", ".rs", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".rb"), _plain(code.parse)),
    **dict.fromkeys((".php", ".swift", ".sh", ".sql", ".r", ".jl", ".lua", ".pl", ".proto"), _plain(code.parse)),
}
INSTALLED = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True)
class Skipped:
    """A file or record that gives no document, and why."""

    name: str
    reason: str


def parse(reader: Reader, name: str, data: bytes) -> Document:
    """Let a file's reader parse it."""
    return reader(name, data)


def read(
    source: Path, collection: bool = False, file_times: bool = False, parse: Parse = parse
) -> Iterator[Document | Skipped]:
    """Read the documents below ``source`` in order of their ids: a function of names and bytes alone.

    Args:
        source: a folder of files, a folder holding a BEIR ``corpus.jsonl``, or that file.
        collection: read ``corpus.jsonl`` even where other files lie beside it.
        file_times: record when a file was changed where it does not itself say so. Copies have other times than
            their originals, so what is measured is read without them.
        parse: gives a file's document, by its reader or from before.

    Raises:
        CorpusError: ``source`` does not exist.
    """
    if not source.exists():
        raise CorpusError(f"The corpus {source} does not exist; name a folder of documents.")
    names = [] if source.is_file() else list(walk(source))
    found = _collection(source, names, collection)
    if found:
        for record in beir.read(found):
            yield record if isinstance(record, Document) else Skipped(*record)
        return
    if source.is_file():
        names, source = [source.name], source.parent
    for name in names:
        yield _file(source / name, name, file_times, parse)


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


def _collection(source: Path, names: list[str], collection: bool) -> Path | None:
    """Return the collection's file, if that is what ``source`` is."""
    if source.is_file():
        return source if source.suffix.lower() == ".jsonl" else None
    single = source / "corpus.jsonl"
    judged = (source / "queries.jsonl").is_file() and (source / "qrels.tsv").is_file()
    return single if single.is_file() and (collection or judged or set(names) <= {"corpus.jsonl"}) else None


def _file(path: Path, name: str, file_times: bool, parse: Parse) -> Document | Skipped:
    suffix = PurePosixPath(name).suffix.lower()
    reader = READERS.get(suffix)
    try:
        if reader is None:
            return Skipped(name, f"no reader for {suffix} files")
        document = parse(reader, name, path.read_bytes())
        known = {**document.metadata, **metadata.of_file(name)}
        if file_times:
            known = {"modified": float(int(path.stat().st_mtime)), **known}
    except UnicodeDecodeError:
        return Skipped(name, "not UTF-8")
    except UnreadableError as error:
        return Skipped(name, str(error))
    except OSError as error:
        return Skipped(name, f"cannot be read: {error.strerror}")
    except (ValueError, RecursionError) as error:
        return Skipped(name, f"malformed: {str(error).splitlines()[0][:200] if str(error) else type(error).__name__}")
    return replace(document, metadata=known) if document.readable else Skipped(name, "no text")

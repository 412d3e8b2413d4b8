"""Which of the user's files are read: documents; never questions, run folders, hidden files or links outside."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nonet.blueprints.rag_system import question_files
from nonet.blueprints.rag_system.inputs import Inputs
from nonet.errors import InputError
from nonet.trials.contract import Skipped, SourceFile, Sources

_PROSE = "md markdown mdx mkd txt text html htm xhtml rst ipynb pdf"
PROSE = frozenset(f".{suffix}" for suffix in _PROSE.split())
_CODE = "py pyi js jsx mjs ts tsx java kt scala go rs c h cc cpp hpp cs rb php swift sh sql r jl lua pl proto"
CODE = frozenset(f".{suffix}" for suffix in _CODE.split())
KINDS = PROSE | CODE | {""}
"""Suffixes that the project reads; a file without one is taken as text."""
_BEIR = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
_NOT_DOCUMENTS = frozenset({"__pycache__", "node_modules", "site-packages"})


def is_beir(folder: Path) -> bool:
    """Whether a folder holds all three files of a BEIR collection."""
    return all((folder / name).is_file() for name in _BEIR)


def listed(inputs: Inputs, exclude: Sequence[Path], file_size_limit: int | None = None) -> Sources:
    """List the documents of the corpus, sorted by name, with what is skipped and why.

    ``exclude`` are folders or files below the corpus that are not the user's documents (run folders, homes). Files
    larger than ``file_size_limit`` bytes, if it is given, are skipped. The questions' syntax and the
    repository's existence are checked here too, before anything expensive.

    Raises:
        InputError: a path is missing, the corpus is empty or holds no kind of file that can be read.
    """
    corpus = Path(inputs.corpus).expanduser().absolute()
    if not corpus.exists():
        raise InputError(f"There is no corpus at {inputs.corpus}.", "Give the folder of the documents: --corpus PATH.")
    if inputs.repo is not None and not Path(inputs.repo).expanduser().is_dir():
        raise InputError(f"There is no repository at {inputs.repo}.", "Give an existing folder: --repo PATH.")
    found = question_files.given(inputs)
    listing = _Listing(corpus, file_size_limit, {path.resolve() for path in (*exclude, *found.paths)})
    if corpus.is_file():
        listing.single()
    elif is_beir(corpus):
        listing.add(corpus / "corpus.jsonl")
    else:
        listing.walk()
    if not listing.files:
        raise InputError(listing.complaint(inputs.corpus), f"Kinds that are read: {' '.join(sorted(PROSE))} and code.")
    return Sources(
        files=sorted(listing.files, key=lambda file: file.name), skipped=sorted(listing.skipped, key=lambda s: s.name)
    )


@dataclass
class _Listing:
    corpus: Path
    limit: int | None
    excluded: set[Path]
    files: list[SourceFile] = field(default_factory=list[SourceFile])
    skipped: list[Skipped] = field(default_factory=list[Skipped])

    def single(self) -> None:
        readable = self.corpus.suffix.lower() in KINDS or self.corpus.name == "corpus.jsonl"
        if readable:
            self.corpus, path = self.corpus.parent, self.corpus
            self.add(path)
        else:
            self.skip(self.corpus.name, "is of a kind that is not read")

    def walk(self) -> None:
        for folder, names, files in os.walk(self.corpus, onerror=self._unreadable):
            here = Path(folder)
            names[:] = sorted(name for name in names if self._enters(here / name))
            for name in sorted(files):
                path = here / name
                if name.startswith(".") or path.resolve() in self.excluded:
                    continue
                if path.suffix.lower() in KINDS:
                    self.add(path)
                else:
                    self.skip(self._name(path), f"{path.suffix or 'no suffix'}: not a kind of file that is read")

    def add(self, path: Path) -> None:
        name = self._name(path)
        status = self._status(path)
        if isinstance(status, str):
            self.skip(name, status)
        elif self.limit is not None and status.st_size > self.limit:
            self.skip(name, f"{status.st_size:,} bytes, over the limit of {self.limit:,}")
        else:
            self.files.append(SourceFile(path=str(path), name=name))

    def skip(self, name: str, reason: str) -> None:
        self.skipped.append(Skipped(name=name.encode(errors="replace").decode(), reason=reason))

    def complaint(self, given: str) -> str:
        if not self.skipped:
            return f"The corpus {given} is empty."
        first = self.skipped[0]
        return f"No file of the corpus {given} can be read ({len(self.skipped)} skipped; {first.name}: {first.reason})."

    def _status(self, path: Path) -> os.stat_result | str:
        """The file's status, or why it is not read."""
        try:
            self._name(path).encode()
            status = path.stat()
        except UnicodeEncodeError:
            return "its name is not valid UTF-8"
        except OSError as error:
            return error.strerror or "cannot be read"
        if not stat.S_ISREG(status.st_mode):
            return "not a regular file"
        if path.is_symlink():
            inside = path.resolve().is_relative_to(self.corpus.resolve())
            return "a link to another file of the corpus" if inside else "a link that leads outside the corpus"
        return status if os.access(path, os.R_OK) else "no permission to read it"

    def _enters(self, folder: Path) -> bool:
        if folder.name.startswith(".") or folder.resolve() in self.excluded or _is_run(folder):
            return False
        if folder.is_symlink():
            self.skip(self._name(folder), "a link to a folder")
            return False
        if folder.name in _NOT_DOCUMENTS or (folder / "pyvenv.cfg").is_file():
            self.skip(self._name(folder), "installed packages or caches")
            return False
        return True

    def _unreadable(self, error: OSError) -> None:
        self.skip(self._name(Path(error.filename or self.corpus)), error.strerror or "cannot be read")

    def _name(self, path: Path) -> str:
        return path.relative_to(self.corpus).as_posix()


def _is_run(folder: Path) -> bool:
    """Whether a folder is one of Nonet's runs: it begins with a brief and a ledger, checkpoints or trials."""
    marks = ("spent.jsonl", "checkpoints.sqlite", "trials", "integrity.json")
    return (folder / "brief.json").is_file() and any((folder / mark).exists() for mark in marks)

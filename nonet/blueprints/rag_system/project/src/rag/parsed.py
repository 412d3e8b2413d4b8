"""Documents as they were parsed before: a file whose bytes are the same is not parsed again."""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.documents import model

if TYPE_CHECKING:
    from rag.documents.folder import Reader

FILE = "parsed.json"


class Parsed:
    """Parses files, or takes what the index before held of them.

    That is sound because a reader is a function of a file's name and bytes alone: what was parsed is taken again only
    where name, bytes, the readers' code and every installed package are the same.

    Attributes:
        anew: how many files were parsed.
    """

    def __init__(self, before: Path | None) -> None:
        self.anew = 0
        self._readers = _readers()
        self._files: dict[str, tuple[str, bool]] = {}
        self._held: dict[str, tuple[str, bool]] = {}
        self._documents: dict[str, model.Document] = {}
        if before is not None:
            self._held = _held(before, self._readers)
            if self._held:
                self._documents = {document.id: document for document in model.read(before / model.FILE)}

    def __call__(self, reader: Reader, name: str, data: bytes) -> model.Document:
        """Return a file's document as its reader parses it.

        Raises:
            ValueError: as the reader.
        """
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        held, dated = self._held.get(name, ("", False))
        document = self._documents.get(name)
        if held != digest or document is None:
            self.anew += 1
            document = reader(name, data)
            dated = "modified" in document.metadata
        elif not dated:  # the time it held was the file's own, which may be another now
            known = {field: value for field, value in document.metadata.items() if field != "modified"}
            document = model.Document(document.id, document.title, document.sections, document.kind, known)
        self._files[name] = (digest, dated)
        return document

    def write(self, folder: Path) -> None:
        """Record what was parsed, for the next time."""
        value = {"readers": self._readers, "files": self._files}
        (folder / FILE).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _held(folder: Path, readers: str) -> dict[str, tuple[str, bool]]:
    """Return each file that the same readers parsed: its hash, and whether it says itself when it was changed."""
    try:
        value: Any = json.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    if value["readers"] != readers:
        return {}
    return {name: (digest, dated) for name, (digest, dated) in value["files"].items()}


def _readers() -> str:
    """Hash all that can change what a file gives: the readers' code, the interpreter and the installed packages."""
    state = hashlib.blake2b(sys.version.encode(), digest_size=16)
    folder = Path(model.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        state.update(f"{path.relative_to(folder).as_posix()}\0".encode() + hashlib.blake2b(path.read_bytes()).digest())
    for name, version in sorted({(str(found.name), found.version) for found in distributions()}):
        state.update(f"{name}=={version}\n".encode())
    return state.hexdigest()

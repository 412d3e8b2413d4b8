"""A run of MLflow's file store: a folder, of which ``meta.yaml`` tells that it is one."""

from __future__ import annotations

import os
import stat

from nonet.errors import ToolError
from nonet.tools.filesystem import beneath
from nonet.tools.filesystem.kinds.described import Described
from nonet.tools.filesystem.roots import Root, Roots

_META = "meta.yaml"
_FILE_LIMIT = 500
_META_LIMIT = 64_000


def run_beneath(roots: Roots, root: Root, relative: str) -> Described | None:
    """Describe the run that a path names, by its folder or its ``meta.yaml``; ``None`` if it names none."""
    from nonet.tools.filesystem.kinds.mlflow import file_store_run, is_run

    is_meta = relative.rsplit("/", 1)[-1] == _META
    if not is_meta and not _is_folder(root, relative):
        return None
    folder = os.path.dirname(relative) or "." if is_meta else relative
    meta = _text(roots, root, os.path.normpath(os.path.join(folder, _META)), _META_LIMIT)
    if meta is None or not is_run(meta):
        return None
    notes: list[str] = []
    parameters = _texts(roots, root, os.path.join(folder, "params"), 10_000, notes)
    metrics = _texts(roots, root, os.path.join(folder, "metrics"), roots.limit, notes)
    return file_store_run(meta, parameters, metrics, notes)


def _is_folder(root: Root, relative: str) -> bool:
    with beneath.folder(root.path) as top, beneath.opened(top, relative) as descriptor:
        return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def _texts(roots: Roots, root: Root, folder: str, limit: int, notes: list[str]) -> dict[str, str]:
    """Return the texts of the files in a folder by their names in it; names may have folders of their own."""
    found: dict[str, str] = {}
    left, left_out = roots.limit, 0
    try:
        for entry in roots.files(root, os.path.normpath(folder)):
            if len(found) == _FILE_LIMIT or entry.size > min(limit, left):
                left_out += 1
                continue
            text = _text(roots, root, entry.relative, limit)
            if text is None:
                left_out += 1
            else:
                found[os.path.relpath(entry.relative, folder)] = text
                left -= len(text)
    except ToolError:
        return found  # a run without parameters has no folder of them
    if left_out:
        notes.append(f"{left_out} files under {os.path.basename(folder)} were left out.")
    return found


def _text(roots: Roots, root: Root, relative: str, limit: int) -> str | None:
    try:
        with roots.opened(root, relative) as file:
            return file.at(0, file.size).decode("utf-8", "replace") if file.size <= limit else None
    except ToolError:
        return None

"""Reading beneath a root: no path, link, pipe or race leads outside.

On Linux the kernel resolves each path with ``openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)``; elsewhere each
component is opened by its parent's descriptor with ``O_NOFOLLOW``. Checking a resolved path first and opening it later
would race with whoever swaps a link in between.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from nonet.errors import ToolError

_OPENAT2 = 437  # the same number on every Linux architecture
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_BENEATH = 0x08
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
_UNSUPPORTED = (errno.ENOSYS, errno.EPERM, errno.EINVAL)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def clean(relative: str) -> str:
    """Return a normal relative POSIX path.

    Raises:
        ToolError: it is absolute, climbs with ``..``, or names a hidden file.
    """
    path = PurePosixPath(relative.replace(os.sep, "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in relative:
        raise ToolError(f"{relative!r} leads outside the folder.", "Give a path beneath it.")
    if any(part.startswith(".") for part in path.parts):
        raise ToolError(f"{relative!r} is hidden; hidden files are not read.", "Name a file that is not hidden.")
    return str(path)


@contextmanager
def folder(root: Path) -> Generator[int]:
    """Hold a descriptor of a root folder."""
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise ToolError(f"{root} cannot be opened: {error.strerror}.", "Give a folder that exists.") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened(root: int, relative: str) -> Generator[int]:
    """Open a file or folder beneath the root descriptor.

    Raises:
        ToolError: it is not there, leads outside, or may not be read.
    """
    path = clean(relative)
    try:
        descriptor = _open(root, path)
    except OSError as error:
        raise ToolError(
            f"{relative!r} cannot be opened: {_reason(error)}.", "List the folder for its files."
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read(root: int, relative: str, limit: int) -> tuple[bytes, os.stat_result]:
    """Read a regular file of at most ``limit`` bytes.

    Raises:
        ToolError: it is no regular file, or larger.
    """
    with opened(root, relative) as descriptor:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(f"{relative!r} is not a regular file.", "Name a file.")
        content = bytearray()
        while len(content) <= limit:
            block = os.read(descriptor, min(1 << 20, limit + 1 - len(content)))
            if not block:
                return bytes(content), status
            content += block
    raise ToolError(f"{relative!r} is larger than {limit:,} bytes.", "Raise file_size_limit or name a smaller file.")


def _open(root: int, path: str) -> int:
    if os.uname().sysname == "Linux":
        try:
            return _openat2(root, path)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
    return _step_by_step(root, path)


def _openat2(root: int, path: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    how = _OpenHow(_FLAGS, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
    encoded = os.fsencode(path)
    descriptor = libc.syscall(_OPENAT2, root, ctypes.c_char_p(encoded), ctypes.byref(how), ctypes.sizeof(how))
    if descriptor < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return descriptor


def _step_by_step(root: int, path: str) -> int:
    current = os.dup(root)
    parts = PurePosixPath(path).parts
    for number, part in enumerate(parts):
        inner = _FLAGS | os.O_NOFOLLOW | (os.O_DIRECTORY if number < len(parts) - 1 else 0)
        try:
            following = os.open(part, inner, dir_fd=current)
        finally:
            os.close(current)
        current = following
    return current


def _reason(error: OSError) -> str:
    if error.errno in (errno.EXDEV, errno.ELOOP):
        return "it leads outside the folder"
    return (error.strerror or str(error)).lower()

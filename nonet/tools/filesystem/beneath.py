"""Reading beneath a root: no path, link, pipe or race leads outside.

On Linux the kernel resolves each path with ``openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)``; elsewhere each
component is opened by its parent's descriptor with ``O_NOFOLLOW``. Checking a resolved path first and opening it later
would race with whoever swaps a link in between. Links that stay beneath the root are followed where the kernel tells
what was opened in the end (``true_path``); otherwise none are.
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
_RESOLVE_NO_SYMLINKS = 0x04
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
    if not _encodable(relative):
        raise ToolError(f"{relative!r} is no file name here.", "Give a name as list_directory shows it.")
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
def opened(root: int, relative: str, links: bool = True) -> Generator[int]:
    """Open a file or folder beneath the root descriptor; without ``links``, no link on the way is followed.

    Raises:
        ToolError: it is not there, leads outside, or may not be read.
    """
    path = clean(relative)
    try:
        descriptor = _open(root, path, links)
    except OSError as error:
        raise ToolError(
            f"{relative!r} cannot be opened: {_reason(error)}.", "List the folder for its files."
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def regular(descriptor: int, relative: str) -> os.stat_result:
    """Return the status of an open file.

    Raises:
        ToolError: it is a folder, a pipe, a socket or a device.
    """
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ToolError(f"{relative!r} is not a regular file.", "Name a file.")
    return status


def content(descriptor: int, relative: str, limit: int) -> bytes:
    """Read an open regular file of at most ``limit`` bytes, however it grows meanwhile.

    Raises:
        ToolError: it is larger.
    """
    if os.fstat(descriptor).st_size <= limit:
        read = bytearray()
        while len(read) <= limit:
            block = os.pread(descriptor, min(1 << 20, limit + 1 - len(read)), len(read))
            if not block:
                return bytes(read)
            read += block
    raise ToolError(f"{relative!r} is larger than {limit:,} bytes.", "Raise file_size_limit or name a smaller file.")


def true_path(root: int, descriptor: int) -> str | None:
    """Return what was opened, relative to the root, after every link; ``None`` where the kernel does not tell."""
    try:
        top, path = os.readlink(f"/proc/self/fd/{root}"), os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return None
    return os.path.relpath(path, top)


def _open(root: int, path: str, links: bool) -> int:
    if os.uname().sysname == "Linux":
        try:
            return _openat2(root, path, links and os.path.isdir("/proc/self/fd"))
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
    return _step_by_step(root, path)


def _openat2(root: int, path: str, links: bool) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    resolve = _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS | (0 if links else _RESOLVE_NO_SYMLINKS)
    how = _OpenHow(_FLAGS, 0, resolve)
    encoded = os.fsencode(path)
    descriptor = libc.syscall(_OPENAT2, root, ctypes.c_char_p(encoded), ctypes.byref(how), ctypes.sizeof(how))
    if descriptor < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return descriptor


def _step_by_step(root: int, path: str, links: bool = False) -> int:
    """Open without following any link, whatever ``links`` says: nothing here could tell where one led."""
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
    if error.errno == errno.EXDEV:
        return "it leads outside the folder"
    if error.errno == errno.ELOOP:
        return "a link leads there"
    if error.errno == errno.ENXIO:
        return "it is a socket or a device"
    return (error.strerror or str(error)).lower()


def _encodable(name: str) -> bool:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True

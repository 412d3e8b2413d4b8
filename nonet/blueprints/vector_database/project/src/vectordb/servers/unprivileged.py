"""Runs a program that refuses to run as root: as nobody, with the one capability that lets it use root's files.

Started as ``python unprivileged.py PROGRAM ARGUMENTS``; who is not root runs it as himself. On Linux the program ends
with whoever started it. Standard library alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

NOBODY = 65534
_DEATH_SIGNAL, _KEEP_CAPABILITIES, _SECURE_BITS, _AMBIENT, _RAISE = 1, 8, 28, 47, 2
_NO_FIXUP = 1 << 2
"""SECBIT_NO_SETUID_FIXUP."""
_READ_AND_WRITE_ALL = 1
"""CAP_DAC_OVERRIDE."""
_VERSION_3 = 0x20080522


def main() -> None:
    """Give up root where it is there, then become the program."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if os.geteuid() == 0:
            _give_up_root(libc)
        libc.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])


def _give_up_root(libc: ctypes.CDLL) -> None:
    # access(2) forgets the capability of who is not root unless told not to; PostgreSQL asks it of its own programs.
    # Where that is forbidden, programs below folders that everybody may enter still run.
    libc.prctl(_SECURE_BITS, _NO_FIXUP, 0, 0, 0)
    libc.prctl(_KEEP_CAPABILITIES, 1, 0, 0, 0)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    mask = 1 << _READ_AND_WRITE_ALL
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable; then the upper halves
    if libc.capset(header, sets) or libc.prctl(_AMBIENT, _RAISE, _READ_AND_WRITE_ALL, 0, 0):
        raise OSError(ctypes.get_errno(), "the capability to use root's files cannot be kept")


if __name__ == "__main__":
    main()

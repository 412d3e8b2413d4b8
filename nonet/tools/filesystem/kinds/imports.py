"""What a pickle would import: which library, and what no model has reason to call."""

from __future__ import annotations

from collections.abc import Iterable

from nonet.tools.filesystem.kinds.symbols import Name

_DANGEROUS = frozenset(
    [
        "__builtin__", "__builtins__", "_io", "_pickle", "_posixsubprocess", "_winapi", "asyncio", "atexit", "bdb",
        "builtins", "cPickle", "cProfile", "cloudpickle", "code", "codeop", "commands", "ctypes", "dill", "ensurepip",
        "fcntl", "fileinput", "ftplib", "functools", "gc", "glob", "http", "httpx", "idlelib", "imp", "importlib",
        "inspect", "io", "linecache", "marshal", "mmap", "multiprocessing", "nt", "ntpath", "operator", "os", "pathlib",
        "pdb", "pickle", "pip", "pkgutil", "platform", "popen2", "posix", "posixpath", "profile", "pty", "requests",
        "resource", "runpy", "select", "selectors", "shelve", "shutil", "signal", "site", "smtplib", "socket",
        "subprocess", "sys", "telnetlib", "tempfile", "threading", "timeit", "trace", "types", "urllib", "venv",
        "webbrowser", "xmlrpc", "zipimport",
    ]
)  # fmt: skip
"""Modules that start programs, open files or connections, or run code."""
_DANGEROUS_NAMES = frozenset(
    [
        "joblib.load", "joblib.numpy_pickle.load", "numpy.f2py.crackfortran.myeval", "numpy.load",
        "numpy.testing._private.utils.runstring", "pandas.read_pickle", "torch.hub.load", "torch.load",
        "torch.jit.unsupported_tensor_ops.execWrapper", "torch.storage._load_from_bytes", "torch.utils.collect_env.run",
    ]
)  # fmt: skip
"""The same, in libraries that models are made of."""
_HARMLESS = frozenset(
    [
        "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "long", "object", "range",
        "set", "slice", "str", "tuple", "unicode", "xrange",
    ]
)  # fmt: skip
"""Built-in types that hold values."""
_HARMLESS_NAMES = frozenset(
    [
        "functools.partial", "io.BytesIO", "operator.itemgetter", "pathlib.Path", "pathlib.PosixPath",
        "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib.WindowsPath",
        "pathlib._local.Path",
        "pathlib._local.PosixPath", "types.SimpleNamespace",
    ]
)  # fmt: skip
_STANDARD = frozenset(
    ["__builtin__", "_codecs", "builtins", "collections", "copy_reg", "copyreg", "datetime", "decimal", "enum"]
)


def suspicious(names: Iterable[Name]) -> list[str]:
    """Return what would be imported that can start programs, open files or connections, or run code.

    A dot in a name reaches through an object to its attributes, which no pickle of a class does.
    """
    return sorted({str(name) for name in names if _is_suspicious(name)})


def libraries(names: Iterable[Name]) -> list[str]:
    """Return the packages that would be imported, those of the standard library that hold values left out."""
    return sorted({name.module.partition(".")[0] for name in names} - _STANDARD)


def _is_suspicious(name: Name) -> bool:
    if str(name) in _HARMLESS_NAMES or (name.module in ("builtins", "__builtin__") and name.name in _HARMLESS):
        return False
    return name.module.partition(".")[0] in _DANGEROUS or str(name) in _DANGEROUS_NAMES or "." in name.name

"""What a pickle would import: which library, and what no model has reason to call."""

from __future__ import annotations

from collections.abc import Iterable

from nonet.tools.filesystem.kinds.pickle_machine import Name

_DANGEROUS = frozenset(
    [
        "os",
        "posix",
        "nt",
        "subprocess",
        "sys",
        "shutil",
        "socket",
        "runpy",
        "importlib",
        "imp",
        "pkgutil",
        "pty",
        "ctypes",
        "webbrowser",
        "code",
        "codeop",
        "marshal",
        "types",
        "urllib",
        "requests",
        "http",
        "httpx",
        "ftplib",
        "smtplib",
        "telnetlib",
        "asyncio",
        "multiprocessing",
        "threading",
        "signal",
        "pip",
        "ensurepip",
        "platform",
        "bdb",
        "pdb",
        "timeit",
        "profile",
        "cProfile",
        "trace",
        "tempfile",
        "pathlib",
        "glob",
        "io",
        "fileinput",
        "linecache",
        "inspect",
        "atexit",
        "gc",
        "site",
        "builtins",
        "__builtin__",
        "__builtins__",
        "commands",
        "popen2",
        "pickle",
        "_pickle",
        "cPickle",
        "dill",
        "cloudpickle",
        "shelve",
        "zipimport",
        "operator",
        "functools",
        "nt",
        "posixpath",
        "ntpath",
        "resource",
        "fcntl",
        "mmap",
        "select",
        "selectors",
        "xmlrpc",
        "venv",
    ]
)
_HARMLESS = frozenset(
    [f"{module}.{name}" for module in ("builtins", "__builtin__") for name in
     ["set", "frozenset", "list", "dict", "tuple", "slice", "range", "xrange", "complex", "object", "bytes", "bytearray", "str", "unicode", "int", "long", "float", "bool"]]
    + ["functools.partial", "_codecs.encode", "operator.itemgetter", "types.SimpleNamespace", "io.BytesIO"]
    + ["pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.WindowsPath"]
    + ["pathlib.PureWindowsPath", "pathlib._local.PosixPath", "pathlib._local.Path"]
)  # fmt: skip
_DANGEROUS_NAMES = frozenset(
    ["numpy.testing._private.utils.runstring", "numpy.f2py.crackfortran.myeval", "torch.load", "torch.hub.load"]
    + ["torch.jit.unsupported_tensor_ops.execWrapper", "torch.utils.collect_env.run", "torch.storage._load_from_bytes"]
    + ["joblib.numpy_pickle.load", "joblib.load", "pandas.read_pickle", "numpy.load", "_io.FileIO", "_io.open"]
    + [
        "torch._dynamo.guards.GuardBuilder.get",
        "torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression",
    ]
    + ["_posixsubprocess.fork_exec", "_winapi.CreateProcess", "idlelib.run.Executive.runcode", "lib2to3.pgen2.grammar"]
)


def suspicious(names: Iterable[Name]) -> list[str]:
    """Return what would be imported that can start programs, open files or connections, or run code."""
    return sorted({str(name) for name in names if _is_suspicious(name)})


def libraries(names: Iterable[Name]) -> list[str]:
    """Return the packages that would be imported, the standard library's own left out."""
    own = {"builtins", "__builtin__", "collections", "copyreg", "copy_reg", "_codecs", "datetime", "decimal", "enum"}
    return sorted({name.module.partition(".")[0] for name in names} - own)


def _is_suspicious(name: Name) -> bool:
    text = str(name)
    if text in _HARMLESS:
        return False
    return name.module.partition(".")[0] in _DANGEROUS or text in _DANGEROUS_NAMES or "." in name.name

"""Nonet: nine workflows that research, nominate, build and measure ML systems; the measurement decides.

The public names load what they need on first use; importing this package does nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nonet.errors import NonetError as NonetError
    from nonet.graphs import graph as graph
    from nonet.graphs import names as workflows
    from nonet.runs import arun as arun
    from nonet.runs import demo as demo
    from nonet.runs import prepare as prepare
    from nonet.runs import resume as resume
    from nonet.runs import run as run
    from nonet.runs import show as show
    from nonet.runs import stream as stream
    from nonet.runs import verify as verify
    from nonet.settings import Settings as Settings
    from nonet.tools import toolset as toolset

_PUBLIC = {
    "NonetError": ("nonet.errors", "NonetError"),
    "Settings": ("nonet.settings", "Settings"),
    "arun": ("nonet.runs", "arun"),
    "demo": ("nonet.runs", "demo"),
    "graph": ("nonet.graphs", "graph"),
    "prepare": ("nonet.runs", "prepare"),
    "resume": ("nonet.runs", "resume"),
    "run": ("nonet.runs", "run"),
    "show": ("nonet.runs", "show"),
    "stream": ("nonet.runs", "stream"),
    "toolset": ("nonet.tools", "toolset"),
    "verify": ("nonet.runs", "verify"),
    "workflows": ("nonet.graphs", "names"),
}

__version__ = "0.1.0"
__all__ = [
    "NonetError",
    "Settings",
    "arun",
    "demo",
    "graph",
    "prepare",
    "resume",
    "run",
    "show",
    "stream",
    "toolset",
    "verify",
    "workflows",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'nonet' has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

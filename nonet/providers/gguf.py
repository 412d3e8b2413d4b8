"""A GGUF file of the user's own, served on loopback by llama.cpp in this process; its server ends with the process."""

from __future__ import annotations

import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from nonet.errors import ConfigurationError

CONTEXT = 8192
"""Tokens of question and answer together."""
_lock = threading.Lock()


def address(path: str) -> str:
    """Return the address, up to ``/v1``, at which a file is served; the first call loads it.

    One thread decodes: on a busy machine more threads wait for one another at every token.

    Raises:
        ConfigurationError: there is no such file, or llama.cpp cannot load it.
    """
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        raise ConfigurationError(f"There is no GGUF file at {path}.", "Name one: gguf:PATH.")
    with _lock:
        return f"{_server(str(file)).listening_address}/v1"


@cache
def _server(path: str) -> Any:
    # A compiled module whose types nobody wrote down.
    xllamacpp: Any = import_module("xllamacpp")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.n_ctx, parameters.n_parallel, parameters.port = CONTEXT, 1, 0
    parameters.hostnames = ["127.0.0.1"]
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = parameters.ui = False
    parameters.verbosity = 0
    try:
        return xllamacpp.Server(parameters)
    except Exception as error:
        # The binding raises a bare RuntimeError or ValueError, whatever is wrong with the file.
        raise ConfigurationError(f"{path} cannot be loaded: {error}.", "Give a GGUF file of a chat model.") from error

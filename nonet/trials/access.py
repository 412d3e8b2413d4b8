"""What a design that names a model elsewhere is given: that host and port, that folder, that key, and nothing else.

Keys go to the worker of the design alone, in its environment; they reach no file. What a service answers is not ours to
repeat: the record names the hosts, so that a reader knows.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials.contract import Access

MOST_LINKS = 1000
"""Links of a folder that are followed (a hub's cache links every file of a model to one beside the folder)."""


@dataclass(frozen=True)
class Grant:
    """An access as its worker gets it.

    Attributes:
        hosts: sandlock's rules, TCP only.
        readable: the folders, and the files outside them that their links lead to.
        variables: names and values of the keys that are set.
        system_v: whether it has System V shared memory.
    """

    hosts: tuple[str, ...] = ()
    readable: tuple[Path, ...] = ()
    variables: Mapping[str, str] | None = None
    system_v: bool = False


Granting = Callable[[str], Grant]
"""Grants a worker a chat model, or an embedding service, by its name."""


def no_chat(name: str) -> Grant:
    """Where nothing is asked.

    Raises:
        TrialError: always.
    """
    raise TrialError(f"The design asks the chat model {name}, and there is none here.")


def no_embedding(name: str) -> Grant:
    """Where no service is asked.

    Raises:
        TrialError: always.
    """
    raise TrialError(f"The design asks the embedding service {name}, and there is none here.")


class Reach:
    """What the designs of one run reach, each by what it names.

    Args:
        of: a design's access.
        offline: refuse designs that name a host which is not this machine.
        chat: grants a chat model by its name.
        embed: grants an embedding service by its name.
    """

    def __init__(
        self,
        of: Callable[[Mapping[str, Json]], Access],
        offline: bool,
        chat: Granting = no_chat,
        embed: Granting = no_embedding,
    ) -> None:
        self._of = of
        self._offline = offline
        self._chat = chat
        self._embed = embed
        self._process = secrets.token_hex(8)
        self._hashes: dict[Path, str] = {}

    def granted(self, design: Mapping[str, Json]) -> Grant:
        """Return what a design's worker gets.

        Raises:
            TrialError: see ``granted``.
        """
        access = self._of(design)
        grant = granted(access, self._offline)
        for name, grants in ((access.chat, self._chat), (access.embedding, self._embed)):
            if name:
                asks = grants(name)
                grant = replace(
                    grant,
                    hosts=(*grant.hosts, *asks.hosts),
                    readable=(*grant.readable, *asks.readable),
                    variables={**(grant.variables or {}), **(asks.variables or {})},
                )
        return grant

    def folders(self, design: Mapping[str, Json]) -> dict[Path, str]:
        """Return the hashes of the folders that a design names; each folder is read once a process."""
        named = self._of(design).folders
        self._hashes |= {folder: contents(folder) for folder in named if folder not in self._hashes}
        return {folder: self._hashes[folder] for folder in named}

    def passing(self, design: Mapping[str, Json]) -> list[str]:
        """Name what a failure may pass with: a service that failed may be back in the next process, a key be set."""
        access = self._of(design)
        return [self._process] if access.hosts or access.chat or access.embedding else []


def nothing(design: Mapping[str, Json]) -> Access:
    """The access of designs that name nothing."""
    return Access()


def of_url(url: str) -> str:
    """Return ``host:port`` of an http or https URL."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def elsewhere(access: Access) -> list[str]:
    """Return the hosts that are not this machine. Names are not looked up: the question itself would leave it."""
    return [host for host in access.hosts if not _loopback(host)]


def granted(access: Access, offline: bool) -> Grant:
    """Check an access and make it what a worker gets.

    Raises:
        TrialError: a folder is not there, a host has no address, or the run is offline and the host is not this
            machine.
    """
    if offline and (away := elsewhere(access)):
        raise TrialError(f"The design calls {', '.join(away)}, and the run is offline.")
    for folder in access.folders:
        if not folder.is_absolute() or not folder.is_dir():
            raise TrialError(f"The design names the folder {folder}, which is not there (absolute folders only).")
    for host in access.hosts:
        _resolved(host)
    return Grant(
        hosts=tuple(f"tcp://{host}" for host in access.hosts),
        readable=tuple(path for folder in access.folders for path in (folder, *_linked(folder))),
        variables={name: os.environ[name] for name in access.variables if os.environ.get(name)},
        system_v=access.system_v,
    )


def contents(folder: Path) -> str:
    """Return one hash of a folder's files and their names, links followed (BLAKE2b-128, in hex); "" if it is gone."""
    if not folder.is_dir():
        return ""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()


def record(access: Access) -> dict[str, Json]:
    """Return an access for the record: hosts, folders with their hashes, which keys were set (never what they are)."""
    return {
        "hosts": list(access.hosts),
        "folders": {str(folder): contents(folder) for folder in access.folders},
        "variables": {name: bool(os.environ.get(name)) for name in access.variables},
        **({"chat": access.chat} if access.chat else {}),
        **({"embedding": access.embedding} if access.embedding else {}),
        **({"system_v": True} if access.system_v else {}),
    }


def _loopback(host: str) -> bool:
    name = host.rpartition(":")[0].strip("[]")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _resolved(host: str) -> None:
    name, _, port = host.rpartition(":")
    try:
        socket.getaddrinfo(name.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TrialError(f"The design calls {host}, which has no address: {error}.") from error


def _linked(folder: Path) -> Iterator[Path]:
    links = (path for path in sorted(folder.rglob("*")) if path.is_symlink() and path.is_file())
    for _, path in zip(range(MOST_LINKS), links, strict=False):
        yield path.resolve()

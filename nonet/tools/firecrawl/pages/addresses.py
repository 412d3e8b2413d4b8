"""Addresses of pages: which URLs and which hosts may be asked at all.

A document, a search result or a model names them, so each may be bait: for this machine, for the network that it stands
in, or for the service that hands out a cloud machine's keys (169.254.169.254).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urljoin, urlsplit, urlunsplit

from nonet.errors import ToolError

Ip: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

URL_LIMIT = 2000
_PORTS = {"http": 80, "https": 443}
_LOWEST_OTHER_PORT = 1024
"""Below it lie the ports of other protocols: a URL that names one is bait (SSH, mail, NetBIOS)."""
_WEB = re.compile(r"(?i)\s*https?:")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")

_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3",  # protocols, 6to4, benchmarks, multicast …
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",  # Teredo and other protocols, examples, 6to4, examples
    )
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """The address of a page.

    Attributes:
        url: normal form, without a fragment; its host is ``host``.
        scheme: ``http`` or ``https``.
        host: ASCII and lower case, without brackets or a trailing dot.
        port: the scheme's own where none is named.
    """

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """What the ``Host`` header says: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def join(self, link: str) -> Address:
        """Return what a link on this page leads to.

        Raises:
            ToolError: it is no address of a page.
        """
        try:
            return parse(urljoin(self.url, link))
        except ValueError as error:
            raise ToolError(f"{link[:200]!r} is no address.", "Give the address of another page.") from error


def web(reference: str) -> bool:
    """Whether a reference names a page of the web, and not a note or a file."""
    return bool(_WEB.match(reference))


def parse(url: str) -> Address:
    """Read an address.

    Raises:
        ToolError: it is malformed, of another scheme, carries credentials, or writes its host or port in a form whose
            only use is to deceive (``0x7f000001``, ``127.1``).
    """
    url = url.strip()
    shown = repr(url[:200])
    if len(url) > URL_LIMIT or _UNSAFE.search(url):
        raise _refused(f"{shown} is no address: too long, or with spaces, controls or backslashes in it.")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused(f"{shown} is no address.") from error
    if scheme not in _PORTS:
        raise _refused(f"{shown} is neither http nor https.")
    if "@" in parts.netloc:
        raise _refused("An address with a name or password before its host is not read.")
    name = _host(host, shown)
    if port not in (None, *_PORTS.values()) and port < _LOWEST_OTHER_PORT:
        raise _refused(f"{shown}: port {port} is no port of pages.")
    address = Address("", scheme, name, _PORTS[scheme] if port is None else port)
    path = parts.path or "/"
    return Address(urlunsplit((scheme, address.authority, path, parts.query, "")), scheme, name, address.port)


def literal(host: str) -> Ip | None:
    """Return the IP address that a host is, ``None`` where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def public(address: Ip) -> bool:
    """Whether an address is one of the public internet's.

    An IPv4 address inside an IPv6 one (mapped, or of NAT64) counts as itself. The other ways to wrap one, 6to4 and
    Teredo, are refused altogether: nobody serves pages there.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return public(address.ipv4_mapped)
        if address in _NAT64:
            return public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL_V6:
            return False
    special = any(address in network for network in _SPECIAL if network.version == address.version)
    return address.is_global and not special


def opened(address: Address, private_hosts: tuple[str, ...]) -> bool:
    """Whether the user opened this very host, though it is a private one (``HOST`` or ``HOST:PORT``)."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    names = {address.host, host, f"{host}:{address.port}"}
    return any(name.strip().lower().rstrip(".") in names for name in private_hosts)


def for_a_service(url: str, private_hosts: tuple[str, ...]) -> bool:
    """Whether a service may be told of an address: a public page's, and none of the user's private hosts."""
    try:
        address = parse(url)
    except ToolError:  # said by what is embedded, which judges addresses
        return False
    number = literal(address.host)
    known = "." in address.host if number is None else public(number)
    return known and not opened(address, private_hosts)


def _host(host: str, shown: str) -> str:
    """Return a host in ASCII.

    ``urlsplit`` gives it in lower case, without brackets. Digits of other scripts, wide letters and ideographic dots
    become what a resolver would make of them (UTS 46) before anything is decided.
    """
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError as error:
            raise _refused(f"{shown} names no host.") from error
    host = host.lower().removesuffix(".")
    if ":" in host:
        found = literal(host)
        if found is None or "%" in host:
            raise _refused(f"{shown} names no host.")
        return str(found)
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise _refused(f"{shown} names no host.")
    # The same rule as browsers': a host whose last part is a number is an IPv4 address, or nothing.
    if _NUMBER.fullmatch(host.rsplit(".", 1)[-1]) and literal(host) is None:
        raise _refused(f"{shown}: its host is a number that is no plain IPv4 address.")
    return host


def _refused(message: str) -> ToolError:
    return ToolError(message, "Give the address of a page: http(s)://HOST/PATH.")

"""Which addresses are asked at all: nothing private, however it is written, resolved or redirected to."""

import ipaddress
import ssl
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback_pages import Reply, page, serving

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.contract import ToolContext
from nonet.tools.firecrawl.pages import addresses, fetching, guard
from nonet.tools.firecrawl.pages.fetching import fetch

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::8.8.8.8",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "100::1", "2001::7f00:1", "2001:0:4136:e378::1",
    "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.fixture
def online(settings):
    return settings.model_copy(update={"offline": False, "web": True, "tool_seconds": 20.0})


def answering(*answers: str):
    """A resolver that gives one list of addresses at each question, the last one for ever; and its questions."""
    asked: list[str] = []

    async def resolve(host: str, port: int):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1].split()

    return resolve, asked


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_public_internet_is_not_public(address):
    assert not addresses.public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_of_the_public_internet_is_public(address):
    assert addresses.public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_another_is_never_more_public_than_bare(inner):
    bare = addresses.public(inner)
    number = int(inner)
    for wrapped in (0xFFFF << 32 | number, (0x64FF9B << 96) | number):
        assert addresses.public(ipaddress.IPv6Address(wrapped)) == bare
    for wrapped in (number, 0x2002 << 112 | number << 80, 0x20010000 << 96 | (number ^ 0xFFFFFFFF)):
        assert not addresses.public(ipaddress.IPv6Address(wrapped))


@given(st.ip_addresses(v=4).filter(lambda each: not each.is_global))
def test_nothing_that_python_calls_private_is_public(address):
    assert not addresses.public(address)


@pytest.mark.parametrize("address", [each for each in PRIVATE if "%" not in each])
async def test_a_private_address_is_refused_as_a_host_and_as_what_a_host_resolves_to(address, online):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ToolError, match=r"public internet|no plain IPv4"):
        await fetch(f"http://{host}/", online)
    resolve, _ = answering(address)
    with pytest.raises(ToolError, match="public internet") as error:
        await fetch("http://innocent.example/", online, resolve=resolve)
    assert "private_hosts" in error.value.remedy


async def test_one_private_address_among_public_ones_is_enough(online):
    resolve, _ = answering("8.8.8.8 10.0.0.1")
    with pytest.raises(ToolError, match=r"10\.0\.0\.1"):
        await fetch("http://innocent.example/", online, resolve=resolve)


@pytest.mark.parametrize(
    "url",
    [
        "http://0x7f000001/", "http://0X7F.0.0.1/", "http://2130706433/", "http://017700000001/", "http://0177.0.0.1/",
        "http://127.1/", "http://127.0.1/", "http://0/", "http://0x/", "http://127.0.0.0x1/", "http://1.2.3.4.5/",
        "http://256.1.1.1/", "http://08.8.8.8/", "http://127.0.0.1./x/..", "http://127.0.0.1.:80/",
        "http://１２７.０.０.１/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://٠x7f000001/",
        "http://[::ffff:7f00:1]/", "http://[::]/", "http://[fe80::1%25eth0]/", "http://[::1", "http://[v1.x]/",
        "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://ⓛocalhost/",
    ],
)  # fmt: skip
async def test_disguises_of_this_machine_are_seen_through(url, online):
    with pytest.raises(ToolError) as error:
        await fetch(url, online)
    assert error.value.remedy


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "javascript:alert(1)", "data:text/html,x",
        "http:///x", "http://", "https:example.org", "//example.org/", "http://user@example.org/",
        "http://user:password@example.org/", "http://example.org@127.0.0.1/", "http://@example.org/",
        "http://exa mple.org/", "http://example.org\\@127.0.0.1/", "http://example.org/\r\nHost: x", "http://ex\tample.org",
        "http://example.org:22/", "http://example.org:25/", "http://example.org:99999/", "http://example.org:x/",
        "http://example.org%2f@127.0.0.1/", "http://exa%6dple.org/", "http://-a.example/", "http://a..example/",
        "http://" + "a" * 300 + ".example/", "http://example.org/" + "a" * 2000,
    ],
)  # fmt: skip
def test_addresses_that_are_none_are_refused(url):
    with pytest.raises(ToolError) as error:
        addresses.parse(url)
    assert "\n" not in error.value.message
    assert "password" not in error.value.message or "user:password" not in error.value.message


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org.:443/a?b=c#d", "https://example.org/a?b=c"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://[2606:4700:0::1111]/", "http://[2606:4700::1111]/"),
        ("  http://8.8.8.8/ ", "http://8.8.8.8/"),
    ],
)
def test_addresses_have_one_form(url, normal):
    assert addresses.parse(url).url == normal


async def test_pages_need_the_web_and_offline_forbids_them(settings, online):
    with serving() as site:
        opened = {"private_hosts": (site.authority,)}
        for each in (online.model_copy(update={"web": False, **opened}), settings.model_copy(update=opened)):
            with pytest.raises(ToolError, match=r"--web|offline"):
                await tools.call("scrape_url", ToolContext(each), url=site.url)
        assert site.asked == []


async def test_a_private_host_is_read_where_the_user_opened_it_and_no_other_port_or_host(online):
    with serving() as one, serving() as other:
        one.pages["/"] = page("Inside", "What only this network says, in a sentence of some length.")
        opened = online.model_copy(update={"private_hosts": (one.authority,)})
        found = await tools.call("scrape_url", ToolContext(opened), url=one.url)
        assert "only this network says" in found.items[0].excerpt
        with pytest.raises(ToolError, match="public internet"):
            await tools.call("scrape_url", ToolContext(opened), url=other.url)
        assert other.asked == []


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/", "http://0xa9fea9fe/",
        "//10.0.0.1/", "http://2852039166/", "file:///etc/passwd", "http://user:secret@example.org/",
        "https://localhost/", "http://metadata.google.internal/", "http://[fd00:ec2::254]/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_judged_as_if_it_had_been_asked_for(location, status, online, monkeypatch):
    async def resolve(host: str, port: int):
        return ["169.254.169.254"]

    monkeypatch.setattr(guard, "system", resolve)
    with serving() as site:
        site.pages["/"] = Reply(status=status, headers={"Location": location})
        settings = online.model_copy(update={"private_hosts": (site.authority,)})
        with pytest.raises(ToolError) as error:
            await tools.call("scrape_url", ToolContext(settings), url=site.url)
        assert "secret" not in str(error.value)
        assert site.asked == ["/robots.txt", "/"]


async def test_redirects_end(online):
    with serving() as site:
        site.other = lambda path: Reply(status=302, headers={"Location": f"/{len(path)}{path}"})
        settings = online.model_copy(update={"private_hosts": (site.authority,)})
        with pytest.raises(ToolError, match="redirects more than 5 times"):
            await fetch(site.url, settings)
        assert len(site.asked) == 6


async def test_the_address_that_was_judged_is_the_one_connected_to(online, monkeypatch):
    """The second answer of the name server leads into this machine: nobody asks for it."""
    connected: list[str] = []
    real = fetching._connected

    def watched(address, where):
        connected.extend(str(ip) for ip in where)
        return real(address, [ipaddress.ip_address("127.0.0.1")])

    with serving() as site:
        port = site.server_address[1]
        site.pages["/"] = page("Bait", "What the rebinding name would have reached.")
        monkeypatch.setattr(fetching, "_connected", watched)
        resolve, asked = answering("8.8.8.8", "127.0.0.1")
        await fetch(f"http://rebinding.example:{port}/", online, resolve=resolve)
        assert connected == ["8.8.8.8"]
        assert asked == ["rebinding.example"]
        with pytest.raises(ToolError, match=r"127\.0\.0\.1"):
            await fetch(f"http://rebinding.example:{port}/", online, resolve=resolve)
        assert site.seen[0]["Host"] == f"rebinding.example:{port}"


async def test_a_name_is_connected_to_by_its_address_with_its_own_host_header(online):
    """The name exists nowhere but in the resolver's stub, so a second look-up would fail."""
    resolve, asked = answering("127.0.0.1")
    with serving() as site:
        host = f"pages.example:{site.server_address[1]}"
        site.pages["/x?y=1"] = page("Named", "A page by its name.")
        found = await fetch(
            f"http://{host}/x?y=1", online.model_copy(update={"private_hosts": (host,)}), resolve=resolve
        )
        assert (found.status, asked) == (200, ["pages.example"])
        assert site.seen[0]["Host"] == host


@pytest.fixture
def certificate(tmp_path):
    """A certificate for one name, signed by itself."""
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", made, "-subj", "/CN=pages.example", "-addext", "subjectAltName=DNS:pages.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, made


async def test_tls_keeps_to_the_name_though_the_address_is_connected_to(online, certificate, monkeypatch):
    key, made = certificate
    names: list[str] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made, key)
    server.sni_callback = lambda socket, name, context: names.append(name)
    resolve, _ = answering("127.0.0.1")
    with serving() as site:
        site.socket = server.wrap_socket(site.socket, server_side=True)
        site.pages["/"] = page("Safe", "A page over TLS.")
        port = site.server_address[1]
        opened = online.model_copy(update={"private_hosts": ("pages.example", "other.example", "127.0.0.1")})
        with pytest.raises(ToolError, match=r"(?i)certificate"):
            await fetch(f"https://pages.example:{port}/", opened, resolve=resolve)
        trusting = ssl.create_default_context(cafile=made)
        monkeypatch.setattr(fetching, "_certificates", lambda: trusting)
        found = await fetch(f"https://pages.example:{port}/", opened, resolve=resolve)
        assert b"Safe" in found.content
        assert names[-1] == "pages.example"
        for host in ("other.example", "127.0.0.1"):
            with pytest.raises(ToolError, match=r"(?i)certificate"):
                await fetch(f"https://{host}:{port}/", opened, resolve=resolve)


async def test_nothing_of_the_environment_goes_along(online, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving() as site, serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        site.pages["/"] = page("Plain", "A page.")
        site.pages["/robots.txt"] = Reply(b"", status=404, headers={"Set-Cookie": "followed=1"})
        await tools.call(
            "scrape_url", ToolContext(online.model_copy(update={"private_hosts": (site.authority,)})), url=site.url
        )
        assert proxy.asked == []
        for headers in site.seen:
            assert not {"authorization", "cookie", "referer"} & {name.lower() for name in headers}
            assert headers["User-Agent"].startswith("nonet/")


def test_private_hosts_are_opened_by_their_very_name():
    address = addresses.parse("http://intranet.example:8080/")
    for name in ("intranet.example", "Intranet.example:8080"):
        assert addresses.opened(address, (name,))
    assert not addresses.opened(address, ("intranet.example:80", "example", "", "xintranet.example", "*.example"))
    assert addresses.opened(addresses.parse("http://[::1]:9999/x"), ("[::1]:9999",))

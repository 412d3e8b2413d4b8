"""Files that mean harm: each is described as far as it can be read, or refused in a line; soon, in little memory."""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import socket
import struct
import threading
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet import tools
from nonet.errors import ToolError
from nonet.tools.filesystem.describing import _signed, _unsigned
from nonet.tools.filesystem.kinds import gguf, onnx, pickled, safetensors, tensorboard
from nonet.tools.filesystem.kinds.outline import Outline, walk
from nonet.tools.filesystem.kinds.pickle_machine import build
from nonet.tools.filesystem.kinds.stream import stream
from nonet.tools.filesystem.open_file import Memory
from nonet.tools.filesystem.unreadable import Unreadable

FILES = Path(__file__).parent / "files"
SECRET = "the secret outside"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.md").write_text(SECRET)
    return root


@pytest.fixture
def soon():
    """Within 20 seconds, and within 400 MB of what Python allocates."""
    tracemalloc.start()
    began = time.perf_counter()
    yield
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 20
    assert peak < 400 << 20


async def test_links_that_stay_inside_are_followed_and_never_to_what_is_hidden_or_excluded(tree, context):
    (tree / "runs").mkdir()
    (tree / "runs" / "labels.csv").write_text("the answers")
    (tree / "notes.md").write_text("plain")
    (tree / ".env").write_text("KEY=" + SECRET)
    (tree / "inside.md").symlink_to("notes.md")
    (tree / "visible").symlink_to(".env")
    (tree / "other").symlink_to("runs")
    guarded = context(tree, excluded=(tree / "runs",))
    assert (await tools.call("read_file", guarded, path="inside.md")).items[0].excerpt == "plain"
    for path in ("visible", "other/labels.csv"):
        with pytest.raises(ToolError) as refused:
            await tools.call("read_file", guarded, path=path)
        assert SECRET not in str(refused.value)
    with pytest.raises(ToolError):
        await tools.call("list_directory", guarded, path="other")


async def test_devices_sockets_and_pipes_are_refused_at_once(tree, context, soon):
    (tree / "zero").symlink_to("/dev/zero")
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tree / "socket"))
        for path in ("zero", "pipe", "socket"):
            with pytest.raises(ToolError):
                await tools.call("read_file", context(tree), path=path)
    listed = (await tools.call("list_directory", context(tree))).items[0]
    assert (listed.title, listed.excerpt) == ("0 entries", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
async def test_a_device_beneath_the_root_is_refused(tree, context, soon):
    try:
        os.mknod(tree / "zero", 0o666 | 0o020000, os.makedev(1, 5))
    except OSError:
        pytest.skip("devices cannot be made here")
    with pytest.raises(ToolError):
        await tools.call("read_file", context(tree), path="zero")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read_says_so(tree, context):
    (tree / "locked.md").write_text("x")
    (tree / "locked.md").chmod(0)
    with pytest.raises(ToolError, match="permission denied"):
        await tools.call("read_file", context(tree), path="locked.md")


@pytest.mark.parametrize("name", ["zeros.bin", "zeros.md", "zeros.safetensors", "zeros.csv"])
async def test_two_gigabytes_are_refused_at_once(name, tree, context, soon):
    with (tree / name).open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(ToolError):
        await tools.call("read_file", context(tree), path=name)


async def test_two_gigabytes_of_text_are_refused_by_their_size(tree, context, soon):
    with (tree / "long.md").open("wb") as file:
        file.write(b"text\n" * 4000)
        file.truncate(2 << 30)
    with pytest.raises(ToolError, match="larger than 50,000,000 bytes"):
        await tools.call("read_file", context(tree), path="long.md")


async def test_a_file_that_grows_is_read_to_the_limit(tree, context, settings):
    small = context(tree).__class__(settings.model_copy(update={"file_size_limit": 100_000}), (tree,))
    grows, stop = tree / "grows.log", threading.Event()
    grows.write_text("line\n")

    def write() -> None:
        with grows.open("a") as file:
            while not stop.is_set():
                file.write("line\n" * 100)
                file.flush()
                time.sleep(0.001)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(60):
            try:
                result = await tools.call("read_file", small, path="grows.log")
                assert set(result.items[0].excerpt.split()) <= {"line", "lin", "li", "l"}
            except ToolError as error:
                assert "larger than 100,000" in error.message  # noqa: PT017 - either may happen
    finally:
        stop.set()
        thread.join()


async def test_a_folder_swapped_for_a_link_while_it_is_walked_never_leads_outside(tree, context, tmp_path):
    inner, stop = tree / "inner", threading.Event()
    inner.mkdir()
    (inner / "harmless.md").write_text("harmless")

    def swap() -> None:
        while not stop.is_set():
            inner.rename(tree / "aside")
            inner.symlink_to(tmp_path / "outside")
            inner.unlink()
            (tree / "aside").rename(inner)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        seen: set[str] = set()
        for _ in range(200):
            found = await tools.call("search_files", context(tree), pattern="**/*.md")
            seen |= {item.title for item in found.items}
            try:
                listed = await tools.call("list_directory", context(tree), path="inner")
                seen |= {line.split("\t")[0].rsplit("/", 1)[-1] for line in listed.items[0].excerpt.splitlines()}
            except ToolError:
                continue
    finally:
        stop.set()
        thread.join()
    assert seen == {"harmless.md"}


async def test_names_that_are_no_text_are_left_out_and_said(tree, context):
    folder = os.fsencode(tree)
    for name in (b"caf\xe9.md", b"two\nlines.md", b"bell\x07.md", "\u202etxt.exe".encode()):
        Path(os.fsdecode(folder + b"/" + name)).write_text("x")
    (tree / "plain.md").write_text("x")
    found = await tools.call("search_files", context(tree), pattern="**/*")
    assert [item.title for item in found.items] == ["plain.md"]
    assert "4 names that are no line of UTF-8 text were left out" in found.note
    listed = await tools.call("list_directory", context(tree))
    assert len(listed.items[0].excerpt.splitlines()) == 1
    assert "4 names" in listed.note
    for path in ("\ud800.md", "a\0b", "a" * 5_000, "x/" * 3_000):
        with pytest.raises(ToolError):
            await tools.get("read_file").answer({"path": path}, context(tree))


async def test_a_name_that_ends_like_a_line_number_is_found(tree, context):
    (tree / "metrics:7").write_text("whole name")
    assert (await tools.call("read_file", context(tree), path="data/metrics:7")).items[0].excerpt == "whole name"


@pytest.mark.slow
async def test_a_hundred_thousand_files_are_listed_in_part_and_it_is_said(tree, context):
    for number in range(100_000):
        os.close(os.open(tree / f"{number:06}.txt", os.O_CREAT | os.O_WRONLY))
    for tool, arguments in (("list_directory", {}), ("search_files", {"pattern": "*.txt"})):
        result = await tools.call(tool, context(tree), **arguments)
        assert result.seconds < 20
        assert "Only the first 50,000 entries were looked at" in result.note
        assert result.items


async def test_a_folder_of_many_files_is_shown_in_part(tree, context):
    for number in range(600):
        (tree / f"{number:03}.txt").write_text("x")
    result = await tools.call("list_directory", context(tree))
    lines = "\n".join(item.excerpt for item in result.items).splitlines()
    assert len(lines) == 400
    assert result.items[0].facts["files"] == 600
    assert "200 more entries" in result.note


@pytest.fixture
def deep(tree):
    """Five hundred folders, each in the one before; taken away from below, as few programs could."""
    opened = [os.open(tree, os.O_RDONLY)]
    for _ in range(500):
        os.mkdir("d", dir_fd=opened[-1])
        opened.append(os.open("d", os.O_RDONLY, dir_fd=opened[-1]))
    os.close(os.open("deep.md", os.O_CREAT | os.O_WRONLY, dir_fd=opened[-1]))
    yield
    os.unlink("deep.md", dir_fd=opened[-1])
    for above, inner in zip(opened[-2::-1], opened[:0:-1], strict=True):
        os.close(inner)
        os.rmdir("d", dir_fd=above)
    os.close(opened[0])


async def test_folders_nested_hundreds_deep_are_walked_in_part(tree, context, deep, soon):
    (tree / "top.md").write_text("x")
    found = await tools.call("search_files", context(tree), pattern="**/*.md")
    assert [item.title for item in found.items] == ["top.md"]
    assert "levels down" in found.note


async def test_a_huge_line_is_cut_and_it_is_said(tree, context, soon):
    (tree / "one.txt").write_text("x" * 10_000_000 + "\nsecond")
    result = await tools.call("read_file", context(tree), path="one.txt")
    assert [len(item.excerpt) for item in result.items] == [4000, 6]
    assert "Line 1 is cut" in result.note


async def test_text_of_other_encodings_and_nothing_at_all(tree, context):
    (tree / "wide.txt").write_bytes("wide".encode("utf-16"))
    (tree / "empty.csv").write_bytes(b"")
    (tree / "late.txt").write_bytes(b"x" * 10_000 + b"\0\x1b[31mred")
    with pytest.raises(ToolError, match="UTF-16"):
        await tools.call("read_file", context(tree), path="wide.txt")
    empty = await tools.call("read_file", context(tree), path="empty.csv")
    assert (empty.items, empty.note) == ([], "empty.csv is empty.")
    late = await tools.call("read_file", context(tree), path="late.txt")
    assert "\x1b" not in "".join(item.excerpt for item in late.items)
    beyond = await tools.call("read_file", context(tree), path="late.txt", first_line=9)
    assert beyond.note == "late.txt has 1 lines."


def npy_header(text: str) -> bytes:
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return buffer.getvalue()


def bomb(seed: bytes = b"") -> bytes:
    return seed + bytes(280 << 20)


PICKLED_ZEROS = b"\x80\x04\x95\x0b\0\0\0\0\0\0\0B\0\0\0\x30"  # a bytes object of 800 MB
HARM = {
    "bomb.gzip.joblib": lambda: gzip.compress(bomb(PICKLED_ZEROS), 1),
    "bomb.xz.joblib": lambda: lzma.compress(bomb(PICKLED_ZEROS), preset=0),
    "bomb.bz2.joblib": lambda: bz2.compress(bomb(PICKLED_ZEROS), 1),
    "bomb.zlib.joblib": lambda: zlib.compress(bomb(PICKLED_ZEROS), 1),
    "memory.xz.joblib": lambda: b"\x5d\0\0\0\xff" + b"\xff" * 8 + bytes(64),
    "bomb.npz": lambda: zipped(x_dot_npy=bomb(npy_header("{'descr': '<f8', 'shape': (9,)}"))),
    "bomb.pt": lambda: zipped(archive__data_dot_pkl=bomb(PICKLED_ZEROS)),
    "bomb.keras": lambda: zipped(config_dot_json=bomb(), metadata_dot_json=b"{}"),
    "header.safetensors": lambda: struct.pack("<Q", 99_000_000) + b"{" + bytes(99_000_000),
    "length.safetensors": lambda: struct.pack("<Q", 2**63) + b"{}",
    "shape.safetensors": lambda: tensor_header([2**62] * 10_000, [0, 8]),
    "offsets.safetensors": lambda: tensor_header([1], [2**62, 2**62 + 4]),
    "deep.safetensors": lambda: struct.pack("<Q", 200_000) + b"{" + b'"a":{' * 39_999 + b"     ",
    "counts.gguf": lambda: b"GGUF" + struct.pack("<IQQ", 3, 2**63, 2**63),
    "text.gguf": lambda: b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62),
    "array.gguf": lambda: b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 8, 2**62),
    "arrays.gguf": lambda: b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 9) + struct.pack("<IQ", 9, 9) * 1000,
    "header.npy": lambda: npy_header("(" * 9_000),
    "shape.npy": lambda: npy_header("{'descr': '<f8', 'shape': (%s)}" % ("9" * 4_000)),
    "laughs.pkl": lambda: b"\x80\x04" + pickle_laughs() + b".",
    "memo.pkl": lambda: b"\x80\x04" + b"]\x94" * 200_000 + b".",
    "bytes.pkl": lambda: b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"x.",
    "long.pkl": lambda: b"\x80\x04\x8b" + struct.pack("<i", 2**31 - 1) + b"x.",
    "marks.pkl": lambda: b"\x80\x04" + b"(" * 1_500_000,
    "text.pkl": lambda: b"(S'" + b"x" * 5_000_000,
    "graph.onnx": lambda: b"\x08\x0a\x3a" + b"\xff" * 9 + b"\x01",
    "nested.onnx": lambda: chunked_graphs(500),
}


def tensor_header(shape: list[int], offsets: list[int]) -> bytes:
    header = json.dumps({"w": {"dtype": "F64", "shape": shape, "data_offsets": offsets}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(8)


def pickle_laughs() -> bytes:
    """Forty lists, each of nine times the one before."""
    level = b"]\x94"
    for number in range(40):
        level += b"](" + b"h" + bytes([number]) + (b"h" + bytes([number])) * 8 + b"e\x94"
    return level


def chunk(number: int, data: bytes) -> bytes:
    length, size = bytearray(), len(data)
    while size >= 0x80:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + data


def chunked_graphs(depth: int) -> bytes:
    """A model whose graphs are nested in one another's nodes."""
    graph = b""
    for _ in range(depth):
        graph = chunk(1, chunk(4, b"If") + chunk(5, chunk(6, graph)))
    return b"\x08\x0a" + chunk(7, graph)


WHOLE = {"laughs.pkl", "memo.pkl"}
"""What is tangled or long and breaks no rule."""


@pytest.mark.parametrize("name", HARM)
async def test_what_means_harm_is_described_in_part_or_refused(name, tree, context, request):
    (tree / name).write_bytes(HARM[name]())
    request.getfixturevalue("soon")
    try:
        result = await tools.call("read_file", context(tree), path=name)
    except ToolError as error:
        assert len(error.message) < 500  # noqa: PT017 - either is right
    else:
        assert result.note or name in WHOLE
        json.dumps([item.facts for item in result.items], allow_nan=False)


def test_an_archive_of_many_arrays_reads_few(tmp_path):
    buffer = io.BytesIO()
    np.savez(buffer, **{f"a{number}": np.zeros(1) for number in range(1_500)})
    (described,) = _signed_of(buffer.getvalue())
    assert described.facts["tensors"] == 1_000
    assert "500 more arrays" in described.notes[-1]


def _signed_of(data: bytes):
    return _signed(_named(data), data[:8192], 10**8)


class _Named(Memory):
    name = "data/model.onnx"
    descriptor = -1


def _named(data: bytes):
    return _Named(data)


SEEDS = {path.name: path.read_bytes() for path in sorted(FILES.iterdir()) if path.suffix != ".py"}


@settings(max_examples=400)
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=9)), max_size=6),
    st.integers(0, 1 << 20),
)
def test_a_damaged_file_is_described_or_unreadable(name, damages, length):
    """Real files with bytes overwritten and their end cut off: no other error comes out of any reader."""
    data = bytearray(SEEDS[name])
    for place, new in damages:
        start = place % len(data)
        data[start : start + len(new)] = new
    damaged = bytes(data[: 1 + length % len(data)]) if length % 3 == 0 else bytes(data)
    try:
        found = [*_signed_of(damaged), *_unsigned(_named(damaged), damaged[:8192])]
    except Unreadable as error:
        assert error.reason  # noqa: PT017 - either is right
        return
    for each in found:
        json.dumps([each.facts, [series.facts() for series in each.series]], allow_nan=False)
        assert all(isinstance(line, str) for line in each.lines)


READERS = {
    "gguf": lambda data: gguf.gguf(Memory(b"GGUF\3\0\0\0" + data)),
    "onnx": lambda data: onnx.onnx(Memory(b"\x08\x0a" + data)),
    "pickle": lambda data: pickled.pickled(Memory(b"\x80\x04" + data)),
    "safetensors": lambda data: safetensors.safetensors(Memory(struct.pack("<Q", len(data)) + data)),
    "tensorboard": lambda data: tensorboard.tensorboard(Memory(data), 10**6),
}


@pytest.mark.parametrize("form", READERS)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_described_or_unreadable(form, data):
    try:
        described = READERS[form](data)
    except Unreadable:
        return
    json.dumps(described.facts, allow_nan=False)


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=20) | st.floats()


@given(
    st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=4)
        ),
        max_leaves=20,
    ),
    st.integers(0, 5),
)
def test_plain_values_are_built_as_pickle_builds_them(value, protocol):
    built = build(stream(Memory(pickle.dumps(value, protocol))))
    if protocol >= 3:  # before, bytes were a call of _codecs.encode
        assert repr(built.value) == repr(value)
    assert set(built.names) <= {"_codecs.encode", "__builtin__.bytes"}


def test_what_is_tangled_is_outlined_within_bounds():
    tangled: list[object] = []
    for _ in range(60):
        tangled = [tangled, tangled, tangled]
    tangled.append(tangled)
    built = build(stream(Memory(pickle.dumps(tangled, 4))))
    outline = Outline()
    outline.of(built.value)
    assert outline.nodes < 20_000
    assert sum(1 for _ in walk(built.value)) < 1_000

"""Running a command-line agent: its own process group, a scrubbed environment, limits on time and output."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress

from nonet.errors import ServiceError
from nonet.providers.faults import without

_ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "USER", "TMPDIR")
OUTPUT_LIMIT = 10_000_000
"""Bytes of what an agent prints."""
_ERROR_LIMIT = 20_000
_BLOCK = 1 << 16


async def run(name: str, command: Sequence[str], prompt: str, variables: Sequence[str], seconds: float) -> bytes:
    """Run an agent in an empty folder and return what it printed.

    Args:
        name: what errors call it.
        command: the program and its arguments.
        prompt: what goes to its standard input.
        variables: names of the environment variables it may see beside the usual ones.
        seconds: after which its whole process group is killed.

    Raises:
        ServiceError: it is not installed, failed, ran too long, or printed too much.
    """
    environment = {key: os.environ[key] for key in (*_ALWAYS, *variables) if key in os.environ}
    with tempfile.TemporaryDirectory(prefix="nonet-agent-", ignore_cleanup_errors=True) as folder:
        try:
            transport, process = await _started(command, {**environment, "TERM": "dumb", "NO_COLOR": "1"}, folder)
        except OSError as error:
            raise ServiceError(f"{name}: {command[0]!r} cannot be started: {error.strerror}", "unavailable") from error
        given = [environment[each] for each in variables if each in environment]
        try:
            async with asyncio.timeout(seconds):
                return await _finished(name, process, prompt, given)
        except TimeoutError as error:
            raise ServiceError(f"{name} did not answer within {seconds:g} s", "timeout") from error
        finally:
            # What it started may outlive it: the group goes whole, at every way out.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            # A pipe that nobody reads any more never ends, and the process would be waited for until it did.
            transport.close()
            await process.wait()


async def _started(
    command: Sequence[str], environment: Mapping[str, str], folder: str
) -> tuple[asyncio.SubprocessTransport, asyncio.subprocess.Process]:
    """Start a process as ``asyncio.create_subprocess_exec`` does; return its transport too, which closes its pipes."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: asyncio.subprocess.SubprocessStreamProtocol(limit=_BLOCK, loop=loop),
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    return transport, asyncio.subprocess.Process(transport, protocol, loop)


async def _finished(name: str, process: asyncio.subprocess.Process, prompt: str, given: Sequence[str]) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    fed = asyncio.create_task(_feed(process.stdin, prompt.encode()))
    failed = asyncio.create_task(_first(process.stderr, _ERROR_LIMIT))
    try:
        printed, whole = await _read(process.stdout, OUTPUT_LIMIT)
        if not whole:
            raise ServiceError(f"{name} printed more than {OUTPUT_LIMIT:,} bytes", "malformed")
        code = await process.wait()
        said = (await failed).decode(errors="replace").strip()
    finally:
        fed.cancel()
        failed.cancel()
    if code != 0:
        # What it was given is struck out before the rest is cut: half of a secret would not be found any more.
        last = " ".join(without(said or printed.decode(errors="replace"), given).split())[-300:]
        raise ServiceError(f"{name} ended with {code}: {last or 'it said nothing'}", "unavailable")
    return printed


async def _feed(pipe: asyncio.StreamWriter, content: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(content)
        await pipe.drain()
    pipe.close()


async def _read(pipe: asyncio.StreamReader, limit: int) -> tuple[bytes, bool]:
    """Read to the end or to the limit; return what was read, and whether it was all."""
    content = bytearray()
    while block := await pipe.read(_BLOCK):
        content += block
        if len(content) > limit:
            return bytes(content[:limit]), False
    return bytes(content), True


async def _first(pipe: asyncio.StreamReader, limit: int) -> bytes:
    """Read to the end and return what came first; the rest is passed over, so that its writer does not stand still."""
    content = bytearray()
    while block := await pipe.read(_BLOCK):
        content += block[: limit - len(content)]
    return bytes(content)

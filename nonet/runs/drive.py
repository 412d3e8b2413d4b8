"""Driving a workflow's graph: checkpoints, events, signals, and what the run came to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import threading
import time
import traceback
from collections.abc import AsyncIterator, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.errors import NonetError, Stopped, StorageError, storage
from nonet.graphs.steps.control import drain, forget
from nonet.runs.lock import exclusive
from nonet.runs.result import Run, Status
from nonet.settings import Settings

if TYPE_CHECKING:
    from nonet.graphs.steps.workflow import Workflow

RECURSION_LIMIT = 60
CHECKPOINTS = "checkpoints.sqlite"
_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
"""SQLite's kinds of failure that are the disk's."""
Event = Mapping[str, Any]


async def drive(
    workflow: Workflow, folder: Path, settings: Settings, start: Any, *, signals: bool = False
) -> AsyncIterator[Event]:
    """Run a workflow's graph in ``folder`` from ``start`` (a request, a ``Command``, or ``None`` to go on).

    Yields the steps' events as they come; the last one is ``{"event": "result", "run": Run}``. An error ends in a run
    whose status is ``failed``; one that is none of Nonet's own tree leaves its traceback in ``log.jsonl``.

    Raises:
        InputError: another process drives the run.
    """
    with exclusive(folder):
        began, before = time.time(), _seconds(folder)
        error: NonetError | None = None
        status: Status = "failed"
        question: Any = None
        try:
            _record(folder, "running", before)
            with _signals(folder) if signals else contextlib.nullcontext():
                async for part in _parts(workflow, folder, settings, start):
                    if part["type"] == "custom":
                        yield part["data"]
                    elif part["type"] == "values" and part.get("interrupts"):
                        question = part["interrupts"][0].value
            status = "needs_answer" if question is not None else _finished(folder)
        except Stopped as caught:
            error = Stopped(caught.message, _go_on(folder))
        except NonetError as caught:
            error = caught
        except Exception as caught:
            error = _storage_error(caught, folder) or _unexpected(caught, folder)
        except BaseException:  # cancelled, interrupted, or nobody listens any more
            error = Stopped("The run was ended before it was decided.", _go_on(folder))
            raise
        finally:
            forget(folder)
            with contextlib.suppress(StorageError):
                _record(folder, status, before + time.time() - began, error, question)
    yield {"event": "result", "run": Run(folder, status, error)}


async def _parts(workflow: Workflow, folder: Path, settings: Settings, start: Any) -> AsyncIterator[Any]:
    # Read when langgraph is first imported: only types of the state's own schema may come back from a checkpoint.
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncSqliteSaver.from_conn_string(str(folder / CHECKPOINTS)) as saver:
        graph: Any = workflow.graph().compile(checkpointer=saver, name=workflow.name)  # pyright: ignore[reportUnknownMemberType]
        stream = graph.astream(
            start,
            {
                "configurable": {"thread_id": folder.name},
                "recursion_limit": RECURSION_LIMIT,
                "max_concurrency": settings.concurrency,
            },
            # Every field is said: nothing of the configuration is read again below.
            context=settings.model_dump(),
            stream_mode=["custom", "values"],
            durability="sync",
            version="v2",
        )
        async for part in stream:
            yield part


def _finished(folder: Path) -> Status:
    decided = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
    return "stopped_by_budget" if decided["budget"]["bound"] else "done"


def _seconds(folder: Path) -> float:
    path = folder / "outcome.json"
    return float(json.loads(path.read_text(encoding="utf-8")).get("seconds") or 0) if path.exists() else 0.0


def _record(
    folder: Path, status: Status, seconds: float, error: NonetError | None = None, question: Any = None
) -> None:
    described = error and {"code": error.code, "message": error.message, "remedy": error.remedy}
    outcome = {"status": status, "seconds": round(seconds, 3), "error": described, "question": question}
    if error:
        outcome["exit"] = error.exit_code
    path, text = folder / "outcome.json", json.dumps(outcome, indent=2) + "\n"
    aside = path.with_suffix(".json.new")
    with storage(path, len(text)):
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)


def _go_on(folder: Path) -> str:
    return f"Go on: nonet resume {folder.name}"


def _unexpected(error: Exception, folder: Path) -> NonetError:
    """Describe a fault of ours, and keep its traceback."""
    lines = traceback.format_exception(error)
    with contextlib.suppress(OSError), (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": round(time.time(), 3), "event": "fault", "traceback": "".join(lines)}) + "\n")
    name = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return NonetError(f"{name}.", f"The traceback is in log.jsonl; the run can be resumed: nonet resume {folder.name}")


def _storage_error(error: Exception, folder: Path) -> StorageError | None:
    """Tell a full disk from other errors, whether a file or the checkpoints' database met it."""
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _DISK:
        remedy = f"Free space there, then: nonet resume {folder.name}"
        return StorageError(f"Cannot write {folder / CHECKPOINTS}: {error}.", remedy)
    if not isinstance(error, OSError):
        return None
    try:
        with storage(Path(error.filename or folder)):
            raise error
    except StorageError as turned:
        return turned
    except OSError:
        return None


@contextlib.contextmanager
def _signals(folder: Path) -> Generator[None]:
    """On the first SIGINT or SIGTERM decide and deliver the best so far; on the second end at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, task, draining = asyncio.get_running_loop(), asyncio.current_task(), drain(folder)

    def asked() -> None:
        if not draining.ask() and task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

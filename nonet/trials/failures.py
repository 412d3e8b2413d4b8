"""Designs that failed: remembered under what they failed with, so that a resumed run does not try them again."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from nonet.errors import Stopped, TrialError
from nonet.state import Json
from nonet.trials.store import TrialStore


def remember(store: TrialStore, design_key: str, failure_key: str, error: TrialError) -> None:
    """Keep a design's failure; ``failure_key`` names its stages, code, environment, limits and confinement."""
    note: dict[str, Json] = {"error": error.message, "traceback": "\n".join(getattr(error, "__notes__", []))}
    store.keep_note(design_key, "failed", failure_key, note)


@contextmanager
def once(store: TrialStore, design_key: str, failure_key: str) -> Generator[None]:
    """Remember the block's failure, and fail at once where it is remembered. A drain is no failure.

    Raises:
        TrialError: the design failed, now or before.
    """
    known = store.note(design_key, "failed", failure_key)
    if known is not None:
        raise TrialError(str(known["error"]))
    try:
        yield
    except Stopped:
        raise
    except TrialError as error:
        remember(store, design_key, failure_key, error)
        raise


@contextmanager
def left_out() -> Generator[None]:
    """Let one design fail, remembered where it failed, without ending the others; a drain ends them all."""
    try:
        yield
    except Stopped:
        raise
    except TrialError:
        pass

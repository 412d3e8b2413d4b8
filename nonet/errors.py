"""The error tree. A person's mistake is a ``NonetError`` whose message ends in what to do next.

NonetError                      code          exit
├── InputError                  input         2      bad data, flags, targets, questions, configuration
│   ├── UsageError              usage         2      a command or call that cannot be understood
│   ├── ConfigurationError      configuration 2      an unknown or malformed setting
│   ├── UnknownRunError         unknown_run   2
│   └── BudgetError             budget        2      too small to measure even the baseline
├── NeedsAnswer                 needs_answer  4      a person must answer before the run goes on
├── ToolError                   tool          1      one tool call failed; agents turn it into a note
│   └── ServiceError            service       1      a remote service failed; what is embedded may answer instead
├── SpentError                  spent         1      a limit on tokens or money stands before the next call of a model
├── MissingExtraError           missing_extra 1      an optional integration is not installed
├── PreparationError            environment   1      a blueprint's environment could not be prepared
├── TrialError                  trial         1      a design could not be built or run
│   ├── TrialTimeout            trial_timeout 1
│   └── Stopped                 stopped       1      a drain was asked for while a trial ran
├── StorageError                storage       1      the disk is full or a run folder cannot be written
└── VerificationError           verification  1      what was recorded and what is there differ
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal


class NonetError(Exception):
    """Base of every error Nonet raises on purpose.

    Attributes:
        message: one line, what is wrong.
        remedy: one line, what to do about it ("" when the message says it all).
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class InputError(NonetError):
    """What the user gave cannot be used."""

    code = "input"
    exit_code = 2


class UsageError(InputError):
    """A command or a call that cannot be understood."""

    code = "usage"


class ConfigurationError(InputError):
    """An unknown or malformed setting."""

    code = "configuration"


class UnknownRunError(InputError):
    """No run of that name."""

    code = "unknown_run"


class BudgetError(InputError):
    """The budget cannot hold even the baseline."""

    code = "budget"


class NeedsAnswer(NonetError):
    """A question only a person can answer, and nobody is there to.

    Attributes:
        fields: the names of the missing fields.
    """

    code = "needs_answer"
    exit_code = 4

    def __init__(self, message: str, remedy: str = "", fields: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy)
        self.fields = fields


class ToolError(NonetError):
    """One tool call failed."""

    code = "tool"


Fault = Literal["key", "limit", "timeout", "unavailable", "malformed", "refused", "too_long"]


class ServiceError(ToolError):
    """A remote service did not answer as it should.

    Attributes:
        fault: ``key`` (it is refused, expired or unpaid), ``limit`` (too many requests), ``timeout``, ``unavailable``
            (no connection, a fault of the server, not ready yet), ``malformed`` (half an answer, or of another form);
            of chat models ``refused`` (the model declines) and ``too_long`` (the question exceeds its context).
        retry_after: seconds after which the service asks to be asked again, where it says so.
    """

    code = "service"

    def __init__(self, message: str, fault: Fault, remedy: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, remedy)
        self.fault: Fault = fault
        self.retry_after = retry_after

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed a moment later."""
        return self.fault in ("limit", "timeout", "unavailable")


class SpentError(NonetError):
    """A call of a model was not made because it could break a limit on tokens or money."""

    code = "spent"


class MissingExtraError(NonetError):
    """An optional integration is not installed; the remedy is its install line."""

    code = "missing_extra"

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs the extra {extra!r}.", f"Install it: pip install 'nonet[{extra}]'")


class PreparationError(NonetError):
    """A blueprint's environment could not be prepared."""

    code = "environment"


class TrialError(NonetError):
    """A design could not be built or run."""

    code = "trial"


class TrialTimeout(TrialError):
    """A trial ran past its time limit."""

    code = "trial_timeout"


class Stopped(TrialError):
    """A drain was asked for while a trial ran."""

    code = "stopped"


class StorageError(NonetError):
    """The disk is full, or a folder of ours cannot be written. The run can be resumed."""

    code = "storage"


class VerificationError(NonetError):
    """What was recorded and what is there differ."""

    code = "verification"


@contextmanager
def storage(path: Path, needed: int = 0) -> Generator[None]:
    """Turn a full or read-only disk into a ``StorageError`` that names the path and the space needed (bytes)."""
    try:
        yield
    except OSError as error:
        number = _full(error)
        if number is None:
            raise
        space = f" {needed:,} bytes are needed." if needed else ""
        raise StorageError(
            f"Cannot write {path}: {os.strerror(number)}.{space}", "Free space there, then: nonet resume RUN"
        ) from error


def _full(error: OSError) -> int | None:
    """The error number, if it says that a disk takes no more; of copying a whole folder only the texts are left."""
    numbers = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
    if error.errno is None:
        return next((number for number in numbers if f"[Errno {number}]" in str(error)), None)
    return error.errno if error.errno in numbers else None

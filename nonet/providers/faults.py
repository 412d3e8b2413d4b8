"""What went wrong with a model, in one vocabulary for every client.

LangChain's integrations raise subclasses of ``ModelError``; what breaks below them (half a body, no JSON, a dropped
connection) still comes in each client's own classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonet.errors import Fault, ServiceError
from nonet.providers.secrecy import strike

_BY_NAME: Mapping[str, Fault] = {
    "ModelAuthenticationError": "key",
    "ModelPermissionDeniedError": "key",
    "ModelRateLimitError": "limit",
    "ModelTimeoutError": "timeout",
    "ModelConnectionError": "unavailable",
    "ModelAPIError": "unavailable",
    "ContextOverflowError": "too_long",
    "ModelRefusalError": "refused",
    "ModelNotFoundError": "malformed",
    "ModelInvalidRequestError": "malformed",
}
_TOO_LONG = (
    "context length",
    "context window",
    "context size",
    "too many tokens",
    "prompt is too long",
    "input token count",
)
_SAID = 300


def fault(name: str, error: BaseException, hidden: Sequence[str] = ()) -> ServiceError:
    """Turn whatever a model's client raised into the error it is; what it says is quoted, shortened.

    Secrets are struck out before it is cut: half of one would not be found any more.
    """
    if isinstance(error, ServiceError):
        return error
    said = " ".join(without(str(error), hidden).split())[:_SAID]
    if not said:
        said = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
    return ServiceError(f"{name}: {said}", _kind(error, said.lower()), retry_after=_retry_after(error))


def rejected(error: BaseException) -> bool:
    """Whether a service answered that it cannot take such a request, of whatever length."""
    names = {each.__name__ for each in type(error).__mro__}
    return "ModelInvalidRequestError" in names and _kind(error, str(error).lower()) != "too_long"


def _kind(error: BaseException, said: str) -> Fault:
    if any(words in said for words in _TOO_LONG):
        return "too_long"
    names = [each.__name__ for each in type(error).__mro__]
    known: Fault | None = next((_BY_NAME[each] for each in names if each in _BY_NAME), None)
    if known is not None:
        return known
    if "TimeoutError" in names or "TimeoutException" in names:
        return "timeout"
    broken = isinstance(error, OSError) or any(each in names for each in ("TransportError", "ClientError"))
    return "unavailable" if broken else "malformed"


def without(text: str, hidden: Sequence[str]) -> str:
    """Return text without secrets, and as text that can be written: half a character has no encoding."""
    return strike(text, hidden).encode("utf-8", "replace").decode("utf-8")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer's header asks to wait; ``None`` where it asks for none, or for a date."""
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return None


def _retry_after(error: BaseException | None) -> float | None:
    """Return what the answer's header says; integrations wrap the error that holds the answer."""
    while error is not None:
        headers = getattr(getattr(error, "response", None), "headers", None)
        if headers is not None and headers.get("retry-after") is not None:
            return retry_after(headers)
        error = error.__cause__
    return None

"""The limit on the size of a request's body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 64 * 1024
"""Bytes of the largest body; a question may have 10,000 characters."""


class Limited:
    """Answers 413 to a body that is too large, whether it says its size or not, without reading the rest of it."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body read whole."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        body = bytearray()
        if not declared.isdigit() or int(declared) <= self._largest:
            while len(body) <= self._largest:
                message = await receive()
                body += message.get("body", b"")
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    break
        if len(body) > self._largest or (declared.isdigit() and int(declared) > self._largest):
            refusal = JSONResponse({"detail": f"The body is larger than {self._largest} bytes."}, status_code=413)
            await refusal(scope, receive, send)
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, again, send)

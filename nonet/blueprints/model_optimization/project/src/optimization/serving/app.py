"""The HTTP server of a model: the Open Inference Protocol, version 2, over JSON.

Predictions run in threads, as many at once as are asked for; more wait in a queue of bounded length, and what finds it
full is refused at once with 503, so that an overload ends in refusals and not in ever longer waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from optimization.errors import OptimizationError
from optimization.examples import Port
from optimization.serving import wire
from optimization.serving.errors import ServingError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

BODY_LIMIT = 16_000_000
"""Bytes of a request."""


class Predictor(Protocol):
    """What is served: a loaded model."""

    @property
    def ports(self) -> Sequence[Port]:
        """Its inputs."""
        ...

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Return the outputs by name, the first axis being the example."""
        ...


def app(predictor: Predictor, name: str = "model", workers: int = 1, queue: int = 64) -> Starlette:
    """Return the server as an ASGI application.

    Args:
        predictor: the model.
        name: by which it is called in addresses.
        workers: predictions at once.
        queue: requests that may wait.

    Raises:
        ServingError: a count is too small.
    """
    if workers < 1 or queue < 0:
        raise ServingError("a server needs 1 worker or more and a queue of 0 or more")
    from starlette.applications import Starlette
    from starlette.routing import Route

    served = _Served(predictor, name, workers, queue)
    return Starlette(
        routes=[
            Route("/v2/health/live", served.live),
            Route("/v2/health/ready", served.live),
            Route(f"/v2/models/{name}", served.about),
            Route(f"/v2/models/{name}/ready", served.live),
            Route(f"/v2/models/{name}/infer", served.infer, methods=["POST"]),
        ]
    )


class _Served:
    def __init__(self, predictor: Predictor, name: str, workers: int, queue: int) -> None:
        self._predictor, self._name = predictor, name
        self._most, self._under_way = workers + queue, 0
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="prediction")

    async def live(self, _: Request) -> Response:
        return _json({"live": True, "ready": True})

    async def about(self, _: Request) -> Response:
        ports = [
            {
                "name": port.name,
                "datatype": wire.datatype(port.dtype),
                "shape": [-1 if axis is None else axis for axis in port.shape],
            }
            for port in self._predictor.ports
        ]
        return _json({"name": self._name, "platform": "optimization", "inputs": ports})

    async def infer(self, request: Request) -> Response:
        if self._under_way >= self._most:
            return _json({"error": "too many requests wait; send fewer, or later"}, 503)
        self._under_way += 1
        try:
            if int(request.headers.get("content-length", 0)) > BODY_LIMIT:
                return _json({"error": f"the body is longer than {BODY_LIMIT:,} bytes; send fewer examples"}, 413)
            body = await _body(request)
            answer = await asyncio.get_running_loop().run_in_executor(self._pool, self._answer, body)
        except OptimizationError as error:
            return _json({"error": str(error)}, 400)
        finally:
            self._under_way -= 1
        return _response(answer)

    def _answer(self, body: bytes) -> bytes:
        found = self._predictor.predict(wire.inputs(body))
        return wire.response(self._name, {name: np.asarray(each) for name, each in found.items()})


async def _body(request: Request) -> bytes:
    parts, size = list[bytes](), 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_LIMIT:
            raise ServingError(f"the body is longer than {BODY_LIMIT:,} bytes; send fewer examples")
        parts.append(part)
    return b"".join(parts)


def _response(body: bytes, status: int = 200) -> Response:
    from starlette.responses import Response

    return Response(body, status, media_type="application/json")


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(dict(content), status)

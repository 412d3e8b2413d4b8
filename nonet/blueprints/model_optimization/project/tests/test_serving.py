from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from optimization import serving
from optimization.examples import Port, fitted
from optimization.serving import wire
from optimization.serving.client import Client, RefusedError
from optimization.serving.load import Load, Measured, measure
from optimization.serving.saturation import bears


class Sums:
    """A model that sums its rows, and takes a while for it."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.free = threading.Event()
        self.free.set()

    @property
    def ports(self) -> Sequence[Port]:
        return [Port("x", "float", "float32", (None, 3))]

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        x = fitted(dict(inputs), self.ports)["x"]
        self.free.wait(10)
        time.sleep(self.seconds)
        return {"sum": x.sum(axis=1), "sign": np.where(x.sum(axis=1) > 0, "plus", "minus")}


ROWS = np.array([[1, 2, 3], [-1, -2, 0.5]], dtype=np.float32)


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(f"{url}/v2/models/model/infer", body)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@given(
    arrays.arrays(
        st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_, np.int8]),
        arrays.array_shapes(max_dims=3, max_side=4),
        elements={"allow_nan": False, "allow_infinity": False},
    )
)
def test_tensors_come_back_as_they_were_sent(values: NDArray[Any]) -> None:
    found = wire.inputs(wire.request({"x": values}))["x"]
    assert found.dtype == values.dtype
    assert found.shape == values.shape
    assert np.array_equal(found, values)
    assert np.array_equal(wire.outputs(wire.response("model", {"y": values}))["y"], values)


def test_the_server_answers_and_tells_what_is_wrong_in_one_line() -> None:
    with serving.running(Sums()) as url:
        with urllib.request.urlopen(f"{url}/v2/models/model", timeout=10) as answer:
            told = json.load(answer)
        assert told["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 3]}]
        status, body = _post(url, wire.request({"x": ROWS}))
        assert status == 200
        found = wire.outputs(body)
        assert found["sum"].tolist() == [6.0, -2.5]
        assert found["sign"].tolist() == ["plus", "minus"]
        wrong = {
            b"{": "no JSON",
            b"{}": '"inputs"',
            wire.request({"x": ROWS, "z": ROWS}): "'z' is no input",
            wire.request({"x": ROWS[:, :2]}): "shape",
            wire.request({"x": ROWS}).replace(b"FP32", b"FP31"): "datatype",
            wire.request({"x": ROWS}).replace(b"[2, 3]", b"[2, 4]"): "not FP32 of shape",
        }
        for sent, said in wrong.items():
            status, body = _post(url, sent)
            assert status == 400, sent
            assert said in json.loads(body)["error"]
            assert "\n" not in json.loads(body)["error"]
        long = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        long.putrequest("POST", "/v2/models/model/infer")
        long.putheader("Content-Length", "16000001")
        long.endheaders()
        assert long.getresponse().status == 413
        long.close()


def test_numbers_that_json_cannot_say_are_an_error() -> None:
    with pytest.raises(serving.ServingError, match="NaN or infinity"):
        wire.response("model", {"y": np.array([np.nan])})


def test_an_overloaded_server_refuses_at_once() -> None:
    model = Sums()
    model.free.clear()

    async def ask(url: str) -> tuple[int, float]:
        client, body = Client(url), wire.request({"x": ROWS})
        waiting = [asyncio.ensure_future(client.post(body)) for _ in range(3)]
        await asyncio.sleep(0.3)
        began = time.perf_counter()
        with pytest.raises(RefusedError):
            await client.post(body)
        took = time.perf_counter() - began
        model.free.set()
        answered = await asyncio.gather(*waiting)
        client.close()
        return len(answered), took

    with serving.running(model, workers=1, queue=2) as url:
        answered, took = asyncio.run(ask(url))
    assert answered == 3
    assert took < 2


def test_load_over_http_is_answered_at_the_rate_it_is_asked() -> None:
    with serving.running(Sums()) as url:
        found = serving.over_http(url, [wire.request({"x": ROWS})], Load(rate=50, seconds=1.5, warm_up=0.3))
    assert found.answered == found.requests > 40
    assert found.dropped == found.failed == 0
    assert found.p50_ms is not None
    assert found.p99_ms is not None
    assert found.p50_ms <= found.p99_ms
    with pytest.raises(serving.ServingError, match="does not answer"):
        serving.over_http(url, [b"{}"], Load(rate=50, seconds=1))


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(serving.ServingError, match=r"did not start: .*holds no optimised model"),
        serving.own_process(["--artifacts", str(tmp_path)]),
    ):
        pass


def test_latency_counts_from_when_a_request_was_due() -> None:
    """A server of one place that stands still for 0.4 s delays every request that is due meanwhile."""

    async def run() -> Measured:
        place = asyncio.Semaphore(1)

        async def ask(number: int) -> None:
            async with place:
                await asyncio.sleep(0.4 if number == 20 else 0.0)

        return await measure(ask, Load(rate=100, seconds=1, warm_up=0, arrivals="fixed"))

    found = asyncio.run(run())
    assert found.answered == 100
    assert found.p50_ms is not None
    assert found.max_ms is not None
    # 40 of 100 requests were due while it stood still: a fifth of all waited 200 ms and more.
    assert found.max_ms >= 390
    assert found.p95_ms is not None
    assert found.p95_ms >= 250


def test_what_is_not_answered_in_time_is_dropped() -> None:
    async def ask(_: int) -> None:
        await asyncio.sleep(5)

    found = asyncio.run(measure(ask, Load(rate=50, seconds=0.5, warm_up=0, timeout=0.1, arrivals="fixed")))
    assert (found.answered, found.dropped, found.p99_ms) == (0, 25, None)
    few = asyncio.run(measure(ask, Load(rate=50, seconds=0.5, warm_up=0, timeout=0.3, most=3, arrivals="fixed")))
    assert few.dropped == 25


@settings(deadline=None)
@given(st.floats(1, 300), st.integers(0, 1000))
def test_poisson_arrivals_have_the_rate_and_its_spread(rate: float, seed: int) -> None:
    load = Load(rate=rate, seconds=30, warm_up=0, seed=seed)
    due = load.due()
    assert due == sorted(due)
    assert due == load.due()
    # A Poisson count strays from its mean by more than six standard deviations less than once in 10^8.
    assert abs(len(due) - rate * 30) < 6 * (rate * 30) ** 0.5 + 6


def test_saturation_finds_the_rate_that_a_server_bears() -> None:
    def served(load: Load) -> Measured:
        """A server that bears 130 requests a second, as queueing theory has it for one place (M/M/1)."""
        stable = load.rate < 130
        p99 = 4600 / (130 - load.rate) if stable else 1e5
        count = int(load.rate * load.seconds)
        return Measured(load.rate, load.rate, min(load.rate, 130), count, count, 0, 0, p99 / 5, p99 / 2, p99, p99, 0.1)

    found = serving.saturation(served, Load(rate=10), limit_ms=100)
    assert found.rate is not None
    assert found.broken is not None
    assert found.rate <= 84 < found.broken
    assert found.broken - found.rate <= 0.1 * found.broken
    none = serving.saturation(served, Load(rate=100), limit_ms=100)
    assert (none.rate, none.broken, len(none.tried)) == (None, 100, 2)
    capped = serving.saturation(served, Load(rate=10), limit_ms=1000, highest=40)
    assert (capped.rate, capped.broken) == (40, None)


@pytest.mark.slow
def test_saturation_of_a_real_server_lies_below_what_its_model_can_do() -> None:
    with serving.running(Sums(seconds=0.02), queue=200) as url:
        body = [wire.request({"x": ROWS})]
        found = serving.saturation(
            lambda load: serving.over_http(url, body, load), Load(rate=8, seconds=1, warm_up=0.2), 400, precision=0.4
        )
    assert found.broken is not None
    overloaded = [each for each in found.tried if each.rate >= 80]  # 50 predictions of 20 ms fit into a second
    assert not any(bears(each, 400) for each in overloaded)
    assert (found.rate or 0) < 80


def test_parity_names_the_worst_example() -> None:
    expected = {"scores": np.array([[1.0, 2, 3], [3, 2, 1], [1, 3, 2]], dtype=np.float32)}
    got = {"scores": expected["scores"] + np.array([[0], [0], [0.5]], dtype=np.float32)}
    (near,) = serving.compare(expected, got, scores=["scores"])
    assert (near.max_difference, near.agreement, near.worst) == (0.5, 1.0, 2)
    got["scores"][1] = [1, 2, 3]
    (far,) = serving.compare(expected, got, scores=["scores"])
    assert far.agreement == pytest.approx(2 / 3)
    assert far.worst == 1
    (vectors,) = serving.compare(expected, got)
    assert vectors.agreement is None
    assert vectors.least_cosine == pytest.approx(10 / 14)
    labels = serving.compare({"label": np.array(["a", "b"])}, {"label": np.array(["a", "c"])})
    assert (labels[0].agreement, labels[0].worst) == (0.5, 1)


@given(arrays.arrays(np.float32, (4, 3), elements=st.floats(-100, 100, width=32)))
def test_a_model_is_at_parity_with_itself(values: NDArray[Any]) -> None:
    (found,) = serving.compare({"y": values}, {"y": values}, scores=["y"])
    assert (found.max_difference, found.agreement) == (0.0, 1.0)
    assert found.least_cosine == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("got", "said"),
    [
        ({}, "no output 'y'"),
        ({"y": np.zeros((2, 2))}, "shape"),
        ({"y": np.array([[0.0, np.nan, 0]])}, "NaN or infinity, first for example 0"),
    ],
)
def test_outputs_that_cannot_be_compared_are_named(got: dict[str, NDArray[Any]], said: str) -> None:
    with pytest.raises(serving.ServingError, match=said):
        serving.compare({"y": np.zeros((1, 3))}, got)


def test_a_load_that_is_none_is_refused() -> None:
    for wrong in ({"rate": 0.0}, {"rate": 1.0, "seconds": -1.0}, {"rate": 1.0, "arrivals": "bursts"}):
        with pytest.raises(serving.ServingError):
            Load(**wrong)  # pyright: ignore[reportArgumentType]

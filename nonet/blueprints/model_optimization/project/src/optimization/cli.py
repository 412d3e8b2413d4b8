"""The command line of the shipped project."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from optimization.errors import OptimizationError

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; what a person can mend is one line on standard error and the status 2."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except OptimizationError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="optimization", description=__doc__)
    parser.add_argument("--artifacts", type=Path, default=ARTIFACTS, help="the folder of what ships")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    predict = verbs.add_parser("predict", help="read inputs by name from .npz, write outputs by name")
    predict.add_argument("inputs", type=Path)
    predict.add_argument("outputs", type=Path)
    predict.set_defaults(run=_predict)
    parity = verbs.add_parser("parity", help="compare with the original")
    parity.add_argument("--original", type=Path, help="the original model; without it its shipped outputs are compared")
    parity.add_argument("--examples", type=Path, help="examples to compare on (.npz); needed with --original")
    parity.add_argument("--trust-pickle", action="store_true", help="load the original although it is pickled")
    parity.set_defaults(run=_parity)
    serve = verbs.add_parser("serve", help="serve over HTTP (Open Inference Protocol)")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8080)
    serve.add_argument("--workers", type=int, default=1, help="predictions at once")
    serve.set_defaults(run=_serve)
    load = verbs.add_parser("load", help="load test, open loop: latency from the moment a request was due")
    load.add_argument("--url", help="of a model's infer address; without it the model is served for the test")
    load.add_argument("--rate", type=float, default=20.0, help="requests a second")
    load.add_argument("--seconds", type=float, default=10.0)
    load.add_argument("--arrivals", choices=("poisson", "fixed"), default="poisson")
    load.add_argument("--p99-ms", type=float, help="search the highest rate whose p99 stays below this")
    load.set_defaults(run=_load)
    logs = verbs.add_parser("logs", help="read training logs: trends, divergence, overfitting")
    logs.add_argument("folder", type=Path)
    logs.add_argument("--plot", type=Path, help="write the curves as SVG")
    logs.set_defaults(run=_logs)
    return parser


def _predict(options: argparse.Namespace) -> None:
    import numpy as np

    from optimization import examples, opened

    found = opened.load(options.artifacts / "model").predict(examples.read(options.inputs))
    np.savez(options.outputs, **found)  # pyright: ignore[reportArgumentType]


def _parity(options: argparse.Namespace) -> None:
    from optimization import shipped

    if options.original is None:
        _say(asdict(shipped.parity(options.artifacts)))
        return
    if options.examples is None:
        raise OptimizationError("examples to compare on are needed with --original: --examples FILE.npz")
    for row in shipped.beside(options.artifacts, options.original, options.examples, options.trust_pickle):
        _say(asdict(row))


def _serve(options: argparse.Namespace) -> None:
    from optimization import opened, serving

    serving.serve(opened.load(options.artifacts / "model"), options.host, options.port, options.workers)


def _load(options: argparse.Namespace) -> None:
    from functools import partial

    from optimization import examples, serving
    from optimization.serving import wire

    arrays = examples.load(options.artifacts / "parity" / "inputs")
    bodies = [wire.request(examples.row(arrays, place)) for place in range(examples.count(arrays))]
    load = serving.Load(options.rate, options.seconds, arrivals=options.arrivals)

    def run(url: str) -> None:
        ask = partial(serving.over_http, url, bodies)
        _say(asdict(ask(load) if options.p99_ms is None else serving.saturation(ask, load, options.p99_ms)))

    if options.url:
        run(options.url)
        return
    with serving.own_process(["--artifacts", str(options.artifacts)]) as address:
        run(address)


def _logs(options: argparse.Namespace) -> None:
    from optimization import logs

    series = logs.read(options.folder)
    if not series:
        raise OptimizationError(
            f"{options.folder} holds no training log; name a folder of CSV, JSONL, TensorBoard events or MLflow's store"
        )
    _say(logs.summary(series))
    if options.plot:
        logs.plot(series, options.plot)


def _say(row: object) -> None:
    sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    sys.exit(main())

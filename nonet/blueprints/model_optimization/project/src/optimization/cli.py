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
    parity.set_defaults(run=_parity)
    return parser


def _predict(options: argparse.Namespace) -> None:
    import numpy as np

    from optimization import examples, opened

    found = opened.load(options.artifacts / "model").predict(examples.read(options.inputs))
    np.savez(options.outputs, **found)  # pyright: ignore[reportArgumentType]


def _parity(options: argparse.Namespace) -> None:
    from optimization import shipped

    sys.stdout.write(json.dumps(asdict(shipped.parity(options.artifacts))) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""``python -m threshold predict FILE``: one {"x": […]} a line in, one {"label": 0 | 1} a line out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from threshold.classifier import shipped


def main(arguments: list[str]) -> int:
    """Predict every row of a JSONL file."""
    if len(arguments) != 2 or arguments[0] != "predict":
        sys.stderr.write("usage: python -m threshold predict ROWS.jsonl\n")
        return 2
    classifier = shipped(Path(__file__).resolve().parent.parent)
    with open(arguments[1], encoding="utf-8") as file:
        for line in file:
            print(json.dumps({"label": classifier.predict(json.loads(line)["x"])}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

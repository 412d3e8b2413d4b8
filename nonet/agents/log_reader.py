"""The log reader: how models were configured and trained, and what was saved of them.

A query is a glob (``runs/**/metrics.csv``), a file's name (``train.yaml``) or plain words: words for configurations,
logs or models stand for the names that such files have; any other word is part of a name. No query asks for all three.
What is found is read, newest first and of each query in turn, and comes back with its facts: values, series, shapes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, zip_longest

from nonet.agents.playbook import Call, Playbook
from nonet.agents.specialist import Specialist, Task
from nonet.tools.contract import Item, ToolContext, ToolResult

FOUND = 40
READ = 24
LINES = 200
_CONFIGURATIONS = ("**/*.yaml", "**/*.yml", "**/*.toml", "**/*config*.json", "**/*param*.json", "**/*args*.json")
_LOGS = (
    "**/*log*.csv", "**/*metric*.csv", "**/*histor*.csv", "**/*log*.jsonl", "**/*metric*.jsonl", "**/*histor*.json",
    "**/trainer_state.json", "**/*tfevents*", "**/meta.yaml", "**/mlflow.db",
)  # fmt: skip
_MODELS = (
    "**/*.onnx", "**/*.safetensors", "**/*.gguf", "**/*.joblib", "**/*.pkl", "**/*.pt", "**/*.pth", "**/*.ckpt",
    "**/*.keras",
)  # fmt: skip
_WORDS = (
    (re.compile(r"config|setting|hyper|param", re.I), _CONFIGURATIONS),
    (re.compile(r"log|metric|train|histor|run|loss|curve|overfit|diverg|experiment|tensorboard|mlflow", re.I), _LOGS),
    (re.compile(r"model|checkpoint|weight|saved|onnx|quanti", re.I), _MODELS),
)
_PART_OF_A_RUN = re.compile(r"/(metrics|params|tags|artifacts|inputs|outputs)/")


def _playbook(task: Task) -> Playbook:
    def calls(turn: int, results: Sequence[ToolResult]) -> Sequence[Call]:
        if turn == 0:
            patterns = dict.fromkeys(chain.from_iterable(patterns_of(query) for query in task.queries or ("",)))
            return [Call("search_files", {"pattern": pattern, "max_results": FOUND}) for pattern in patterns]
        if turn == 1:
            return [Call("read_file", {"path": path, "lines": LINES}) for path in _chosen(results)]
        return ()

    return calls


def patterns_of(query: str) -> list[str]:
    """Return the globs that a query stands for."""
    if re.fullmatch(r"[^\s*?/]+\.\w+", query):
        return [f"**/{query}"]
    if " " not in query.strip() and re.search(r"[*?/]", query):
        return [query]
    words = re.findall(r"\w{3,}", query)
    known = [globs for word, globs in _WORDS if word.search(query)]
    if not words:
        known = [_CONFIGURATIONS, _LOGS, _MODELS]
    return list(chain.from_iterable(known)) if known else [f"**/*{word}*" for word in words]


def _chosen(results: Sequence[ToolResult]) -> list[str]:
    """Return what to read: of each pattern in turn, its newest file first; of an MLflow run its ``meta.yaml`` alone."""
    found = [result.items for result in results if result.tool == "search_files"]
    runs = {item.reference.removesuffix("meta.yaml") for item in chain(*found) if item.reference.endswith("/meta.yaml")}
    columns = [sorted(items, key=_changed, reverse=True) for items in found]
    in_turn = [item.reference for row in zip_longest(*columns) for item in row if item is not None]
    return list(dict.fromkeys(name for name in in_turn if not _belongs(name, runs)))[:READ]


def _belongs(name: str, runs: set[str]) -> bool:
    """Whether a file is part of an MLflow run, which is described as a whole."""
    return any(name[: match.start() + 1] in runs for match in _PART_OF_A_RUN.finditer(name))


def _changed(item: Item) -> str:
    return str(item.facts.get("changed", ""))


def _lacking(context: ToolContext) -> str:
    return "" if context.roots else "no folder was given, so configurations, logs and models were not looked for."


log_reader = Specialist("log_reader", ("search_files", "list_directory", "read_file"), _playbook, _lacking)

"""Who changed which hyperparameter when: the named values of a file's two versions, compared."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import PurePosixPath

import pygit2

from nonet.errors import ToolError
from nonet.tools.git import text
from nonet.tools.git.assignments import in_cells, in_python
from nonet.tools.git.changes import Change
from nonet.tools.git.checkout import Checkout
from nonet.tools.git.text import Text
from nonet.tools.git.values import Value, in_lines, same

ALL = "all"
KNOWN: tuple[tuple[str, ...], ...] = (
    ("learning_rate", "lr", "base_lr", "init_lr", "initial_lr", "learning_rate_init"),
    ("batch_size", "train_batch_size", "per_device_train_batch_size", "micro_batch_size", "bs"),
    ("gradient_accumulation_steps", "accumulate_grad_batches"),
    ("epochs", "n_epochs", "num_epochs", "max_epochs", "num_train_epochs"),
    ("max_steps", "num_steps", "train_steps", "max_iter", "num_iterations"),
    ("warmup_steps", "num_warmup_steps"),
    ("optimizer", "optimiser"),
    ("scheduler", "lr_scheduler", "lr_scheduler_type"),
    ("weight_decay", "wd"),
    ("dropout", "dropout_rate", "drop_rate", "hidden_dropout_prob"),
    ("max_grad_norm", "clip_grad_norm", "gradient_clip_val", "clipnorm"),
    ("patience", "early_stopping_rounds", "early_stopping_patience"),
    ("seed", "random_seed", "random_state"),
    ("test_size", "val_size", "validation_split"),
    ("hidden_size", "hidden_dim", "d_model", "n_embd"),
    ("num_layers", "n_layers", "num_hidden_layers"),
    ("num_heads", "n_heads", "num_attention_heads"),
    ("max_length", "max_seq_length", "seq_len", "block_size"),
    ("n_estimators", "num_boost_round"),
    ("min_samples_leaf", "min_data_in_leaf"),
    ("subsample", "bagging_fraction"),
    ("colsample_bytree", "feature_fraction"),
    ("lora_r", "lora_rank"),
    *((name,) for name in ("min_lr", "max_lr", "warmup_ratio", "momentum", "betas", "beta1", "beta2", "adam_beta1")),
    *(
        (name,)
        for name in ("adam_beta2", "label_smoothing", "lora_alpha", "lora_dropout", "embedding_dim", "max_depth")
    ),
    *((name,) for name in ("num_leaves", "max_features", "min_samples_split", "min_child_weight", "reg_lambda")),
    *((name,) for name in ("reg_alpha", "l1_ratio", "n_neighbors", "n_clusters", "n_components", "temperature")),
    *((name,) for name in ("top_p", "top_k", "chunk_size", "chunk_overlap", "threshold", "gamma")),
)
"""Names that are looked for; those of one thing stand together, and asking for one finds them all."""
_PYTHON = (".py", ".pyi")
_LINES = (
    *(".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf", ".gin", ".properties", ".libsonnet", ".jsonnet"),
    *(".sh", ".bash", ".zsh", ".slurm", ".sbatch", ".mk", ".bat", ".ps1", ".r", ".jl", ".tf", ".hcl"),
)
_NAMED = ("makefile", "dockerfile", "justfile", "procfile", "snakefile")
_VALUES = 4000
_KEPT = 512


@dataclass(frozen=True)
class Changed:
    """A value that a commit changed, introduced (``old`` is ``None``) or removed (``new`` is ``None``)."""

    name: str
    path: str
    reference: str
    old: Value | None
    new: Value | None
    line: str


@dataclass
class Hyperparameters:
    """What to look for, and the values already read: the new version of one commit is the old one of the next.

    Attributes:
        wanted: the names, written plainly (``plain``).
    """

    wanted: frozenset[str]
    _read: dict[tuple[str, pygit2.Oid], tuple[Text, list[Value]] | None] = field(
        default_factory=dict[tuple[str, pygit2.Oid], "tuple[Text, list[Value]] | None"]
    )

    @classmethod
    def named(cls, name: str) -> Hyperparameters:
        """Look for a name, whatever it is written like, and its usual other names; ``ALL`` for all known ones.

        Raises:
            ToolError: it is no name.
        """
        if name.strip().lower() == ALL:
            return cls(frozenset(each for names in KNOWN for each in names))
        wanted = plain(name)
        if not wanted.replace("_", "").isalnum():
            raise ToolError(f"{name!r} is no name of a hyperparameter.", f"Write one, such as lr, or {ALL!r}.")
        for names in KNOWN:
            if wanted in names:
                return cls(frozenset(names))
        return cls(frozenset((wanted,)))

    def changed(self, checkout: Checkout, change: Change) -> Iterator[Changed]:
        """Yield what a commit changed in one file, by line."""
        if change.kind != "file" or not _readable(change.path):
            return
        sides: list[tuple[Text, list[Value]]] = []
        for path, oid, content in (
            (change.old_path, change.old, change.before(checkout)),
            (change.path, change.new, change.after(checkout)),
        ):
            side = self._values(path, oid, content)
            if side is None:
                return
            sides.append(side)
        (before, old), (after, new) = sides
        # What changed before what came or went: a file that is new introduces all that it holds.
        for left, right in sorted(pairs(old, new), key=lambda pair: pair[0] is None or pair[1] is None):
            if left and right and same(left.value, right.value):
                continue
            if all(side.passed_on for side in (left, right) if side):
                continue
            side, path, value = (after, change.path, right) if right else (before, change.old_path, left or _NOTHING)
            reference = side.reference(checkout.name(path), value.line)
            yield Changed(value.name, checkout.name(path), reference, left, right, side.lines[value.line - 1].strip())

    def _values(self, path: str, oid: pygit2.Oid | None, content: bytes | None) -> tuple[Text, list[Value]] | None:
        if oid is not None and (path, oid) in self._read:
            return self._read[path, oid]
        read = text.read(path, content) if content is not None else None
        found = None if read is None else (read, self._wanted(path, read))
        if oid is not None:
            if len(self._read) >= _KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[path, oid] = found
        return found

    def _wanted(self, path: str, read: Text) -> list[Value]:
        whole = "\n".join(read.lines).replace("-", "_").lower()
        if not any(name in whole for name in self.wanted):
            return []
        if read.places is not None:
            values = in_cells(read.lines, read.places)
        elif path.lower().endswith(_PYTHON):
            values = in_python(read.lines)
        else:
            values = in_lines(read.lines)
        return [value for value in values if plain(value.name) in self.wanted][:_VALUES]


_NOTHING = Value("", "", None, 1)


def plain(name: str) -> str:
    """Return a name as it is compared: its last part, small letters, one kind of dash."""
    return name.strip().lstrip("-").rsplit(".", 1)[-1].replace("-", "_").lower()


def pairs(old: Sequence[Value], new: Sequence[Value]) -> list[tuple[Value | None, Value | None]]:
    """Pair the values of two versions.

    First those that are as they were; in between, those of one name at one place; then those of one name. What is left
    was removed or introduced. Pairs never cross.
    """
    found: list[tuple[Value | None, Value | None]] = []
    for left, right in _gaps(old, new, lambda value: (value.name, value.where, value.value), found):
        for one, other in _gaps(left, right, lambda value: (value.name, value.where), found):
            for gone, come in _gaps(one, other, lambda value: plain(value.name), found):
                found += [(value, None) for value in gone]
                found += [(None, value) for value in come]
    return found


def _gaps(
    old: Sequence[Value],
    new: Sequence[Value],
    key: Callable[[Value], Hashable],
    found: list[tuple[Value | None, Value | None]],
) -> Iterator[tuple[Sequence[Value], Sequence[Value]]]:
    """Pair what has one key, into ``found``, and yield what lies between the pairs."""
    match = SequenceMatcher(None, [key(value) for value in old], [key(value) for value in new], autojunk=False)
    for tag, first, last, start, end in match.get_opcodes():
        if tag == "equal":
            found += zip(old[first:last], new[start:end], strict=True)
        else:
            yield old[first:last], new[start:end]


def _readable(path: str) -> bool:
    name = PurePosixPath(path).name.lower()
    return name.endswith((*_PYTHON, *_LINES, ".ipynb")) or name.split(".")[0] in _NAMED

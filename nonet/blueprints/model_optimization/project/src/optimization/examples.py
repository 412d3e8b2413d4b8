"""Example inputs: read from ``.npz`` and held against what a model takes, before anything is measured."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization.errors import OptimizationError

Arrays = dict[str, NDArray[Any]]
ANY = "any"
"""The type of a port that takes whatever converts to it."""


class ExamplesError(OptimizationError):
    """Examples or labels that cannot be used; one line says what is wrong and what to do."""


@dataclass(frozen=True)
class Port:
    """An input or output of a model.

    Attributes:
        name: its name.
        kind: "float", "int", "bool", "str" or ``ANY``.
        dtype: numpy's name of the type that the model takes; "" where it does not say.
        shape: the axes, the first of which is the example; ``None`` where an axis is free. Empty where nothing is said.
        required: whether a prediction needs it.
    """

    name: str
    kind: str = ANY
    dtype: str = ""
    shape: tuple[int | None, ...] = ()
    required: bool = True

    def json(self) -> dict[str, Any]:
        """Return the fields; ``of_json`` gives them back."""
        return {**asdict(self), "shape": list(self.shape)}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Port:
        """Read what ``json`` wrote."""
        fields: dict[str, Any] = {**data, "shape": tuple(data["shape"])}
        return cls(**fields)


def read(path: Path) -> Arrays:
    """Return the arrays of an ``.npz`` file by name, one example per row.

    Raises:
        ExamplesError: the file is none, an array holds Python objects, NaN or nothing, or lengths differ.
    """
    arrays: Arrays = {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ExamplesError(
                    f"{path.name} is a single array; save the inputs by name: numpy.savez(path, name=…)"
                )
            for name in archive.files:
                arrays[name] = archive[name]
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        why = "it holds Python objects" if "pickle" in str(error) else str(error).splitlines()[0]
        raise ExamplesError(f"{path.name} cannot be read as arrays ({why}); save plain arrays: numpy.savez") from error
    if not arrays:
        raise ExamplesError(f"{path.name} holds no array; save the inputs by name: numpy.savez(path, name=…)")
    check(arrays)
    return arrays


def check(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse arrays that are no examples.

    Raises:
        ExamplesError: an array has no rows, lengths differ, or a value is NaN or infinite.
    """
    if flat := next((name for name, each in arrays.items() if each.ndim == 0), None):
        raise ExamplesError(f"the examples' {flat!r} is one number; give one row per example")
    lengths = {name: len(each) for name, each in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {count} rows" for name, count in lengths.items())
        raise ExamplesError(f"the examples' arrays differ in length ({told}); give every input one row per example")
    for name, each in arrays.items():
        if each.dtype.kind == "f" and not np.isfinite(each).all():
            row = int(np.flatnonzero(~np.isfinite(each.reshape(len(each), -1)).all(axis=1))[0])
            raise ExamplesError(
                f"the examples' {name!r} holds NaN or infinity, first in row {row}; clean it or leave it out"
            )


def fitted(arrays: Arrays, ports: Sequence[Port]) -> Arrays:
    """Return the examples under the names and in the types that a model takes.

    One array for one input needs no name. Integers fit where real numbers are taken, never the other way.

    Raises:
        ExamplesError: names, types or shapes do not fit the model's inputs.
    """
    if not ports:
        return arrays
    required = [port for port in ports if port.required]
    if len(arrays) == len(required) == 1 and next(iter(arrays)) not in {port.name for port in ports}:
        arrays = {required[0].name: next(iter(arrays.values()))}
    takes = ", ".join(port.name for port in ports)
    if missing := [port.name for port in required if port.name not in arrays]:
        raise ExamplesError(
            f"the examples lack the input {missing[0]!r}; they hold {', '.join(arrays)}, the model takes {takes}"
        )
    if unknown := sorted(arrays.keys() - {port.name for port in ports}):
        raise ExamplesError(f"the examples' {unknown[0]!r} is no input of the model, which takes {takes}")
    return {port.name: _cast(arrays[port.name], port) for port in ports if port.name in arrays}


def _cast(array: NDArray[Any], port: Port) -> NDArray[Any]:
    given = {"f": "float", "i": "int", "u": "int", "b": "bool", "U": "str", "S": "str"}.get(array.dtype.kind, "other")
    fits = port.kind in (ANY, given) or (port.kind, given) in {("float", "int"), ("float", "bool"), ("int", "bool")}
    if not fits:
        raise ExamplesError(
            f"the examples' {port.name!r} is of type {array.dtype}, the model takes {port.dtype or port.kind}"
        )
    if port.shape and array.ndim == 1 and len(port.shape) == 2 and port.shape[1] in (1, None):
        array = array[:, None]
    if port.shape:
        wrong = len(port.shape) != array.ndim or any(
            wanted not in (None, got) for wanted, got in zip(port.shape[1:], array.shape[1:], strict=False)
        )
        if wrong:
            wanted = " × ".join("any" if axis is None else str(axis) for axis in (None, *port.shape[1:]))
            got = " × ".join(map(str, array.shape))
            raise ExamplesError(f"the examples' {port.name!r} has the shape {got}, the model takes {wanted}")
    return array.astype(port.dtype) if port.dtype and given != "str" else array


def row(arrays: Mapping[str, NDArray[Any]], place: int) -> Arrays:
    """Return one example, its first axis kept."""
    return {name: each[place : place + 1] for name, each in arrays.items()}


def rows(arrays: Mapping[str, NDArray[Any]], places: Sequence[int]) -> Arrays:
    """Return some examples, in the order given."""
    index = np.asarray(places, dtype=np.int64)
    return {name: each[index] for name, each in arrays.items()}


def count(arrays: Mapping[str, NDArray[Any]]) -> int:
    """Return how many examples there are."""
    return len(next(iter(arrays.values())))


def save(arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
    """Write arrays one a file, so that they can be read without copying."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(arrays)
    (folder / "names.txt").write_text("\n".join(names), encoding="utf-8")
    for place, name in enumerate(names):
        np.save(folder / f"{place}.npy", arrays[name], allow_pickle=False)


def load(folder: Path) -> Arrays:
    """Return what ``save`` wrote, mapped into memory."""
    names = (folder / "names.txt").read_text(encoding="utf-8").split("\n")
    return {
        name: np.load(folder / f"{place}.npy", mmap_mode="r", allow_pickle=False) for place, name in enumerate(names)
    }


def labels(path: Path, wanted: int) -> NDArray[Any]:
    """Return the labels of an ``.npy`` file, one per example.

    Raises:
        ExamplesError: the file is none, their number is another, or one is NaN.
    """
    try:
        found: Any = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ExamplesError(f"{path.name} cannot be read as an array of labels; save it with numpy.save") from error
    if not isinstance(found, np.ndarray):
        raise ExamplesError(f"{path.name} holds several arrays; save the labels alone: numpy.save")
    found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
    if found.ndim != 1 or len(found) != wanted:
        shape = " × ".join(map(str, found.shape)) or "one number"
        raise ExamplesError(f"{path.name} holds {shape} labels for {wanted} examples; give one label per example")
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        place = int(np.flatnonzero(~np.isfinite(found))[0])
        raise ExamplesError(f"{path.name} holds NaN or infinity, first in row {place}; leave those examples out")
    return found

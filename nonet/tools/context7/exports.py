"""Which public name each definition goes by: ``sklearn.svm.SVC`` for what ``sklearn.svm._classes`` defines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from nonet.tools.context7.signatures import Module


def private(name: str) -> bool:
    """Whether a part of a dotted name begins with an underscore."""
    return any(part.startswith("_") for part in name.split("."))


def public_names(modules: Iterable[Module]) -> dict[str, str]:
    """Return for each definition of a module the shortest public name that its package offers it by.

    Args:
        modules: every module read; a definition whose package passes it on nowhere keeps its own name.

    Returns:
        Public name by the name of the definition, for those of modules, not of classes.
    """
    offered = _Offered(modules)
    names: dict[str, list[str]] = defaultdict(list)
    for module in offered.modules:
        for name in offered.by(module):
            names[offered.source(f"{module}.{name}")].append(f"{module}.{name}")
    return {definition: min([definition, *known], key=_preference) for definition, known in names.items()}


def _preference(name: str) -> tuple[bool, int, int, str]:
    return private(name), name.count("."), len(name), name


class _Offered:
    """The names that modules offer, each with what stands behind it."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules = {module.name: module for module in modules}
        self._targets: dict[str, str] = {}
        self._names: dict[str, frozenset[str]] = {}
        for name in self.modules:
            self.by(name)

    def by(self, name: str, above: Sequence[str] = ()) -> frozenset[str]:
        """Return the names that a module offers; ``above`` are those whose ``import *`` led here, for they may turn."""
        if name in self._names or name in above or name not in self.modules:
            return self._names.get(name, frozenset())
        module = self.modules[name]
        found = {symbol.name.rpartition(".")[2] for symbol in module.symbols if symbol.name.rpartition(".")[0] == name}
        for each, target in module.exports:
            passed = [(other, f"{target}.{other}") for other in self.by(target, (*above, name))]
            for exported, source in passed if each == "*" else [(each, target)]:
                if exported not in found:
                    found.add(exported)
                    self._targets[f"{name}.{exported}"] = source
        names = frozenset(found if module.listed is None else found.intersection(module.listed))
        if not above:  # within a turn of imports what was found may lack names
            self._names[name] = names
        return names

    def source(self, name: str) -> str:
        """Return the definition that a name leads to; a name whose definition was not read leads to itself."""
        seen: set[str] = set()
        while name in self._targets and name not in seen:
            seen.add(name)
            name = self._targets[name]
        return name

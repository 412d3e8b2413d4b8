"""What a pickle would build, without building it: its opcodes move symbols about; nothing is imported or called.

The opcodes and the forms of their arguments are those of ``pickletools``. Arrays that joblib writes between the
opcodes are passed over by the shape and type that their wrapper has.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable
from typing import Any, cast

from nonet.tools.filesystem.kinds.stream import Stream
from nonet.tools.filesystem.kinds.symbols import Blob, Built, Made, Name, Persistent, item
from nonet.tools.filesystem.unreadable import Unreadable

OPCODE_LIMIT = 1_000_000
GLOBAL_LIMIT = 2_000
KEPT_BYTES = 1 << 12
"""Longer texts and bytes are passed over: weights lie in them."""
KEPT_IN_ALL = 64 << 20
_DEPTH_LIMIT = 8
_BY_CODE = {opcode.code: opcode for opcode in pickletools.opcodes}
_LONG_LENGTHS = {
    "BINSTRING": 4, "BINBYTES": 4, "BINUNICODE": 4, "BINBYTES8": 8, "BINUNICODE8": 8, "BYTEARRAY8": 8,
}  # fmt: skip
_ARRAY = ("joblib.numpy_pickle", "NumpyArrayWrapper")


class _Mark:
    """Where a sequence of operands begins."""


def build(stream: Stream, built: Built | None = None, depth: int = 0) -> Built:
    """Read one pickle from a stream.

    Raises:
        Unreadable: it is no pickle, breaks off, or has more opcodes than ``OPCODE_LIMIT``; ``built`` has what it
            held so far.
    """
    built = built or Built()
    if depth > _DEPTH_LIMIT:
        raise Unreadable(f"nests pickles more than {_DEPTH_LIMIT} deep")
    machine = _Machine(stream, built, depth)
    try:
        machine.run()
    except (IndexError, KeyError, ValueError, TypeError, OverflowError, AttributeError) as error:
        raise Unreadable(f"is no pickle that can be read ({type(error).__name__})", stream.place) from error
    return built


class _Machine:
    def __init__(self, stream: Stream, built: Built, depth: int) -> None:
        self.stream = stream
        self.built = built
        self.depth = depth
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}

    def run(self) -> None:
        while True:
            self.built.opcodes += 1
            if self.built.opcodes > OPCODE_LIMIT:
                raise Unreadable(f"has more than {OPCODE_LIMIT:,} opcodes", self.stream.place)
            code = self.stream.read(1)
            opcode = _BY_CODE.get(code.decode("latin-1")) if code else None
            if opcode is None:
                raise Unreadable("breaks off" if not code else "is no pickle", self.stream.place)
            if opcode.name == "STOP":
                self.built.value = self.stack[-1]
                return
            self._do(opcode.name, self._argument(opcode))
            if self.stack:
                self.built.value = self.stack[0]  # what there is, should it break off

    def _argument(self, opcode: pickletools.OpcodeInfo) -> Any:
        width = _LONG_LENGTHS.get(opcode.name)
        if width is None:
            return opcode.arg.reader(cast("Any", self.stream)) if opcode.arg is not None else None
        length = int.from_bytes(self.stream.read(width), "little")
        self.built.kept += min(length, KEPT_BYTES)
        if length > KEPT_BYTES or self.built.kept > KEPT_IN_ALL:
            self.stream.skip(length)
            return Blob(length)
        data = self.stream.read(length)
        if len(data) < length:
            raise Unreadable("breaks off", self.stream.place)
        return data.decode("utf-8", "replace") if "UNICODE" in opcode.name else data

    def _do(self, name: str, argument: Any) -> None:
        action = _ACTIONS.get(name)
        if action is not None:
            action(self, argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif argument is not None:
            self.stack.append(argument)

    def since_mark(self) -> list[object]:
        marks = (index for index in range(len(self.stack) - 1, -1, -1) if isinstance(self.stack[index], _Mark))
        place = next(marks, None)
        if place is None:
            raise Unreadable("is no pickle that can be read: a mark is missing", self.stream.place)
        found = self.stack[place + 1 :]
        del self.stack[place:]
        return found

    def imported(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str | int):
            raise Unreadable("imports something that has no name", self.stream.place)
        found = Name(module[:200], str(name)[:200])
        if len(self.built.names) < GLOBAL_LIMIT:
            self.built.names.setdefault(str(found), found)
        self.stack.append(found)

    def made(self, of: object, arguments: object) -> None:
        if isinstance(of, Name) and len(self.built.called) < GLOBAL_LIMIT:
            self.built.called.add(str(of))
        self.stack.append(Made(of, arguments))

    def passed_over(self, wrapper: Made) -> None:
        """Pass over the array that joblib writes after its wrapper."""
        state = cast("dict[str, object]", wrapper.state) if isinstance(wrapper.state, dict) else {}
        shape = tuple(each for each in cast("tuple[object, ...]", state.get("shape", ())) if isinstance(each, int))
        kind, size = item(state.get("dtype"))
        if len(self.built.arrays) < GLOBAL_LIMIT:
            self.built.arrays.append((shape, kind))
        if kind.startswith("O"):
            build(self.stream, Built(names=self.built.names, called=self.built.called), self.depth + 1)
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self.stream.skip(int.from_bytes(self.stream.read(1), "little"))
        self.stream.skip(math.prod(shape[:64]) * size)


def _stored(items: list[object], target: object) -> None:
    pairs = zip(items[::2], items[1::2], strict=False)
    place = target.items if isinstance(target, Made) else target
    if isinstance(place, dict):
        mapping = cast("dict[object, object]", place)
        for key, value in pairs:
            mapping[key if isinstance(key, str | int | float | bytes) else type(key).__name__] = value


def _appended(items: list[object], target: object) -> None:
    if isinstance(target, Made):
        target.appended += items
    elif isinstance(target, list):
        cast("list[object]", target).extend(items)


def _dictionary(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    found: dict[object, object] = {}
    _stored(items, found)
    machine.stack.append(found)


def _build(machine: _Machine, _: Any) -> None:
    state = machine.stack.pop()
    target = machine.stack[-1]
    if isinstance(target, Made):
        target.state = state
        if isinstance(target.of, Name) and (target.of.module, target.of.name) == _ARRAY:
            machine.passed_over(target)


def _object(machine: _Machine, _: Any) -> None:
    of, *arguments = machine.since_mark()
    machine.made(of, tuple(arguments))


def _instance(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).partition(" ")
    arguments = tuple(machine.since_mark())
    machine.imported(module, name)
    machine.made(machine.stack.pop(), arguments)


def _call(machine: _Machine, _: Any) -> None:
    arguments = machine.stack.pop()
    machine.made(machine.stack.pop(), arguments)


def _call_by_keywords(machine: _Machine, _: Any) -> None:
    keywords, arguments = machine.stack.pop(), machine.stack.pop()
    machine.made(machine.stack.pop(), (arguments, keywords))


def _global(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).partition(" ")
    machine.imported(module, name)


def _stack_global(machine: _Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.imported(module, name)


def _tuple(size: int) -> Callable[[_Machine, Any], None]:
    def act(machine: _Machine, _: Any) -> None:
        found = tuple(machine.stack.pop() for _ in range(size))
        machine.stack.append(found[::-1])

    return act


def _memoize(machine: _Machine, _: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[argument] = machine.stack[-1]


def _setitem(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _stored([key, value], machine.stack[-1])


def _setitems(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    _stored(items, machine.stack[-1])


def _append(machine: _Machine, _: Any) -> None:
    value = machine.stack.pop()
    _appended([value], machine.stack[-1])


def _appends(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    _appended(items, machine.stack[-1])


def _protocol(machine: _Machine, argument: Any) -> None:
    machine.built.protocol = int(argument)


_CONSTANTS: dict[str, object] = {
    "NONE": None,
    "NEWTRUE": True,
    "NEWFALSE": False,
    "EMPTY_TUPLE": (),
    "NEXT_BUFFER": Blob(0),
}
_ACTIONS: dict[str, Callable[[_Machine, Any], object]] = {
    "PROTO": _protocol,
    "FRAME": lambda machine, argument: None,
    "READONLY_BUFFER": lambda machine, argument: None,
    "MARK": lambda machine, argument: machine.stack.append(_Mark()),
    "POP": lambda machine, argument: machine.stack.pop(),
    "POP_MARK": lambda machine, argument: machine.since_mark(),
    "DUP": lambda machine, argument: machine.stack.append(machine.stack[-1]),
    "EMPTY_LIST": lambda machine, argument: machine.stack.append([]),
    "EMPTY_DICT": lambda machine, argument: machine.stack.append({}),
    "EMPTY_SET": lambda machine, argument: machine.stack.append([]),
    "LIST": lambda machine, argument: machine.stack.append(machine.since_mark()),
    "TUPLE": lambda machine, argument: machine.stack.append(tuple(machine.since_mark())),
    "FROZENSET": lambda machine, argument: machine.stack.append(machine.since_mark()),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "DICT": _dictionary,
    "SETITEM": _setitem,
    "SETITEMS": _setitems,
    "APPEND": _append,
    "APPENDS": _appends,
    "ADDITEMS": _appends,
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "MEMOIZE": _memoize,
    "GET": lambda machine, argument: machine.stack.append(machine.memo[argument]),
    "BINGET": lambda machine, argument: machine.stack.append(machine.memo[argument]),
    "LONG_BINGET": lambda machine, argument: machine.stack.append(machine.memo[argument]),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "EXT1": lambda machine, argument: machine.imported("copyreg extension", argument),
    "EXT2": lambda machine, argument: machine.imported("copyreg extension", argument),
    "EXT4": lambda machine, argument: machine.imported("copyreg extension", argument),
    "REDUCE": _call,
    "NEWOBJ": _call,
    "NEWOBJ_EX": _call_by_keywords,
    "BUILD": _build,
    "OBJ": _object,
    "INST": _instance,
    "PERSID": lambda machine, argument: machine.stack.append(Persistent(argument)),
    "BINPERSID": lambda machine, argument: machine.stack.append(Persistent(machine.stack.pop())),
}

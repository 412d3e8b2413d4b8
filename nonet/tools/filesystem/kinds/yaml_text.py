"""YAML that may mean harm: bounded depth and size with every alias written out, no tag followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from nonet.tools.filesystem.unreadable import Unreadable

NODE_LIMIT = 100_000
DEPTH_LIMIT = 64
_EXPONENT = re.compile(r"[-+]?\d+(?:_\d+)*(?:\.\d*)?[eE][-+]?\d+$")


@dataclass
class Parsed:
    """The first document of a YAML file.

    Attributes:
        value: mappings, lists and scalars; a value with a tag of its own stands without it.
        duplicates: keys that one mapping has twice; the last counts.
        tags: tags that were not followed.
        texts: numbers such as ``1e-4`` that PyYAML hands on as text (YAML 1.1 wants a dot); here they are numbers.
    """

    value: object = None
    documents: int = 0
    duplicates: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])


def parse(text: str) -> Parsed:
    """Parse YAML without following tags.

    Raises:
        Unreadable: it breaks YAML, is nested too deeply, or grows too large when its aliases are written out.
    """
    import yaml as module

    yaml, parsed = cast("Any", module), Parsed()
    loader = _loader(parsed)
    try:
        parsed.documents = _measured(yaml.parse(text, Loader=loader))
        for node in yaml.compose_all(text, Loader=loader):
            _note(node, parsed, set())
            break
        parsed.value = next(iter(yaml.load_all(text, Loader=loader)), None)
    except module.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise Unreadable(f"is not valid YAML{where}: {reason}") from error
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise Unreadable(f"is not valid YAML: {' '.join(str(error).split())[:200]}") from error
    return parsed


def _loader(parsed: Parsed) -> Any:
    """Return a class of loaders: PyYAML's safe one, in C where it is there, that reads tags as if they were not."""
    import yaml

    base = cast("type[Any]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    class Loader(base):
        pass

    def inert(loader: Any, suffix: str, node: Any) -> object:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return str(node.value)

    Loader.add_multi_constructor("", inert)
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+0123456789"))
    return Loader


def _measured(events: Iterator[Any]) -> int:
    """Count the documents; refuse what is too deep, or too large with every alias written out."""
    import yaml

    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []  # (anchor, size so far)
    documents = 0

    def add(size: int, anchor: str | None) -> None:
        if anchor is not None:
            sizes[anchor] = size
        if open_nodes:
            above, so_far = open_nodes[-1]
            open_nodes[-1] = (above, so_far + size)
        if size > NODE_LIMIT:
            raise Unreadable(f"holds more than {NODE_LIMIT:,} values when its aliases are written out")

    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            sizes.clear()
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in {anchor for anchor, _ in open_nodes}:
                raise Unreadable(f"has an alias {event.anchor!r} inside of what it names")
            add(sizes.get(event.anchor, 1), None)
        elif isinstance(event, yaml.ScalarEvent):
            add(1, event.anchor)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            open_nodes.append((event.anchor, 1))
            if len(open_nodes) > DEPTH_LIMIT:
                raise Unreadable(f"is nested more than {DEPTH_LIMIT} levels deep")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            anchor, size = open_nodes.pop()
            add(size, anchor)
    return documents


def _note(node: Any, parsed: Parsed, seen: set[int]) -> None:
    """Collect duplicate keys, tags and exponents without a dot; each node once, whatever number of aliases name it."""
    import yaml

    if id(node) in seen:
        return
    seen.add(id(node))
    if not node.tag.startswith("tag:yaml.org,2002:") or ":python/" in node.tag:
        parsed.tags.append(str(node.tag))
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in cast("list[tuple[Any, Any]]", node.value):
            name = str(key.value)
            if isinstance(key, yaml.ScalarNode) and name in keys and name != "<<":
                parsed.duplicates.append(name)
            keys.add(name if isinstance(key, yaml.ScalarNode) else "")
            _note(key, parsed, seen)
            _note(value, parsed, seen)
    elif isinstance(node, yaml.SequenceNode):
        for each in cast("list[Any]", node.value):
            _note(each, parsed, seen)
    elif node.tag.endswith(":float") and "." not in node.value and _EXPONENT.match(node.value):
        parsed.texts.append(str(node.value))

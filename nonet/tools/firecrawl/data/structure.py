"""What a page says in a form of its own: JSON-LD, microdata, OpenGraph and other ``meta``, tables, definition lists.

Everything is kept with its place in the page, in document order; nothing is interpreted here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

RECORDS = 500
FIELDS = 300
ROWS = 2_000
COLUMNS = 50
TABLES = 200
CELL_LIMIT = 2_000
DEPTH = 8
"""Levels of nested data that are kept."""


def structured(tree: Any) -> dict[str, list[Any]]:
    """Return what a page marks up.

    Returns:
        ``records``: ``{"place": "JSON-LD 1", "name": "Product", "fields": [[label, value], …]}``, a value being a
        scalar, a list or a mapping; ``tables``: ``{"place": "table 1", "name": caption or heading before it,
        "labels": header cells or [], "rows": [[cell, …], …]}``.
    """
    records = [*_json_ld(tree), *_microdata(tree), *_definitions(tree), *_meta(tree)]
    for record in records:
        del record["fields"][FIELDS:]
    return {"records": records[:RECORDS], "tables": list(_tables(tree))}


def _json_ld(tree: Any) -> Iterator[dict[str, Any]]:
    number = 0
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text or "", strict=False, parse_constant=lambda name: None)
        except (ValueError, RecursionError):
            continue
        for thing in _things(data):
            number += 1
            kinds = _items(thing.get("@type")) or [thing.get("@type") or ""]
            fields = [[key, _bounded(value)] for key, value in thing.items() if not key.startswith("@")]
            yield {"place": f"JSON-LD {number}", "name": str(kinds[0]), "fields": fields}


def _things(data: Any) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD document: itself, those of a list, those of its ``@graph``."""
    for each in _items(data) or [data]:
        thing = _mapping(each)
        if thing is not None:
            graph = _items(thing.get("@graph"))
            yield from [thing] if graph is None else [node for node in map(_mapping, graph) if node is not None]


def _bounded(value: Any, depth: int = DEPTH) -> Any:
    """A value without what lies too deep; a node that only says ``@value`` is that value."""
    mapping, items = _mapping(value), _items(value)
    if mapping is not None:
        if "@value" in mapping:
            return _bounded(mapping["@value"], depth - 1) if depth else None
        if not depth:
            return None
        return {key: _bounded(each, depth - 1) for key, each in mapping.items() if not key.startswith("@")}
    if items is not None:
        return [_bounded(each, depth - 1) for each in items[:ROWS]] if depth else None
    return value[:CELL_LIMIT] if isinstance(value, str) else value


def _mapping(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _items(value: Any) -> list[Any] | None:
    return cast("list[Any]", value) if isinstance(value, list) else None


def _microdata(tree: Any) -> Iterator[dict[str, Any]]:
    """Items of microdata that stand in no other item (HTML, 5.2)."""
    tops = tree.xpath("//*[@itemscope][not(@itemprop)]")
    for number, element in enumerate(tops[:RECORDS], start=1):
        name = element.get("itemtype", "").rstrip("/").rsplit("/", 1)[-1]
        yield {"place": f"microdata {number}", "name": name, "fields": _properties(element, DEPTH)}


def _properties(item: Any, depth: int) -> list[list[Any]]:
    found: list[list[Any]] = []
    stack = list(reversed(item))
    while stack:
        element = stack.pop()
        inner = element.get("itemscope") is not None
        for name in element.get("itemprop", "").split():
            value = dict(_properties(element, depth - 1)) if inner and depth else _property(element)
            found.append([name, value])
        if not inner:
            stack.extend(reversed(element))
    return found


def _property(element: Any) -> str:
    for attribute in ("content", "datetime", "href", "src", "value"):
        if element.get(attribute) is not None:
            return str(element.get(attribute))[:CELL_LIMIT]
    return _said(element)


def _definitions(tree: Any) -> Iterator[dict[str, Any]]:
    for number, found in enumerate(_elements(tree, "dl"), start=1):
        fields: list[list[Any]] = []
        terms: list[str] = []
        fresh = True
        for element in found.iter("dt", "dd"):
            if element.tag == "dt":
                terms = [_said(element)] if fresh else [*terms, _said(element)]
                fresh = False
            else:
                fields += [[term, _said(element)] for term in terms]
                fresh = True
        yield {"place": f"definition list {number}", "name": _heading(found), "fields": fields}


def _meta(tree: Any) -> Iterator[dict[str, Any]]:
    """OpenGraph (``og:price:amount`` is ``price:amount``), ``name=`` and the title."""
    fields: list[list[Any]] = []
    for element in tree.iter("meta"):
        name, content = element.get("property") or element.get("name") or "", element.get("content")
        if name and content is not None and not name.lower().startswith(("viewport", "robots", "twitter:")):
            fields.append([name.partition(":")[2] or name, content[:CELL_LIMIT]])
    title = tree.findtext(".//title")
    if title:
        fields.append(["title", " ".join(title.split())[:CELL_LIMIT]])
    if fields:
        yield {"place": "meta", "name": "", "fields": fields}


def _tables(tree: Any) -> Iterator[dict[str, Any]]:
    for number, table in enumerate(_elements(tree, "table"), start=1):
        lines = [_cells(row) for row in _rows(table)]
        lines = [line for line in lines if any(text for _, text in line)][:ROWS]
        head = bool(lines) and len(lines[0]) > 1 and all(header for header, _ in lines[0])
        caption = table.find("caption")
        yield {
            "place": f"table {number}",
            "name": _said(caption) if caption is not None else _heading(table),
            "labels": [text for _, text in lines[0]] if head else [],
            "rows": [[text for _, text in line] for line in (lines[1:] if head else lines)],
        }


def _elements(tree: Any, tag: str) -> list[Any]:
    return list(islice(tree.iter(tag), TABLES))


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table, not those of tables inside its cells."""
    for part in table:
        if part.tag == "tr":
            yield part
        elif part.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in part if row.tag == "tr")


def _cells(row: Any) -> list[tuple[bool, str]]:
    """Cells as (is a header, text); a cell that spans columns stands in each of them."""
    found: list[tuple[bool, str]] = []
    for cell in row:
        if cell.tag in ("td", "th"):
            span = cell.get("colspan", "1").strip()
            times = min(int(span), COLUMNS) if span.isdecimal() else 1
            header = cell.tag == "th" or cell.getparent().getparent().tag == "thead"
            found += [(header, _said(cell))] * max(times, 1)
    return found[:COLUMNS]


def _heading(element: Any) -> str:
    """The text of the last heading before an element."""
    before = element.xpath("(preceding::*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5])[last()]")
    return _said(before[0]) if before else ""


def _said(element: Any) -> str:
    """The visible text of an element, its white space collapsed."""
    pieces = element.xpath(".//text()[not(ancestor::script) and not(ancestor::style)]")
    return " ".join("".join(str(piece) for piece in pieces).split())[:CELL_LIMIT]

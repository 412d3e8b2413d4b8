"""Structured data without a model: a schema's names looked up among what a page marks up, tables and lists included.

Nothing is guessed: a value is taken where a label means its name (``labels.py``) and its text is of its type
(``values.py``); each comes with its place in the page, what is not found is null and named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from nonet.state import Json
from nonet.tools.firecrawl.data.labels import alike, forms, names
from nonet.tools.firecrawl.data.schemas import Wanted
from nonet.tools.firecrawl.data.values import Unreadable, converted

_GENERIC = frozenset({"name", "id", "url", "type", "title", "description", "value", "date", "text", "image"})
"""Names that mean something else in a nested object: a brand's name is not the product's."""

_AROUND = frozenset({"Organization", "WebSite", "WebPage", "BreadcrumbList", "SiteNavigationElement", "ImageObject"})
"""Types that say what stands around a page's subject; asked last where others fit as well."""
_JUDGED = 20
"""Records by which a group is judged; rows of one table have the same labels."""


@dataclass(frozen=True)
class Record:
    """Labels and values that belong together."""

    place: str
    name: str
    fields: Sequence[tuple[str, Json]]

    @property
    def shown(self) -> str:
        """Its place, with its name where it has one."""
        return f"{self.place} ({self.name})" if self.name else self.place


@dataclass(frozen=True)
class Table:
    """A table with labelled columns."""

    place: str
    name: str
    labels: Sequence[str]
    rows: Sequence[Sequence[str]]

    def row(self, number: int) -> Record:
        """One row (counted from 0) as a record."""
        fields = list(zip(self.labels, self.rows[number], strict=False))
        return Record(f"{self.place}, row {number + 1}", self.name, fields)


@dataclass
class Filled:
    """What was found.

    Attributes:
        values: the object that was wanted, null where nothing was found.
        origins: by path (``offers.price``), where a value stands and, for scalars, how.
        missing: paths of what was not found.
        notes: what a reader must know: several values for one name, cells that could not be read.
    """

    values: dict[str, Json] = field(default_factory=dict[str, Json])
    origins: dict[str, str] = field(default_factory=dict[str, str])
    missing: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


def fill(wanted: Wanted, structure: Mapping[str, Sequence[Any]]) -> Filled:
    """Find an object's properties in what a page marks up (the ``structure`` of ``structure.py``)."""
    records = [
        Record(each["place"], each["name"], [(str(label), value) for label, value in each["fields"]])
        for each in structure.get("records", [])
    ]
    tables: list[Table] = []
    for each in structure.get("tables", []):
        table = Table(each["place"], each["name"], each["labels"], each["rows"])
        if table.labels:
            tables.append(table)
        if all(len(row) == 2 for row in table.rows):
            pairs = [(str(row[0]), cast("Json", row[1])) for row in table.rows]
            records.append(Record(table.place, table.name, pairs))
        elif table.labels and len(table.rows) == 1:
            records.append(table.row(0))
    filled = Filled()
    filled.values = _Filler(filled, tables).fill(wanted, records, "")
    return filled


class _Filler:
    def __init__(self, filled: Filled, tables: Sequence[Table]) -> None:
        self._filled = filled
        self._tables = tables

    def fill(self, wanted: Wanted, records: Sequence[Record], path: str) -> dict[str, Json]:
        """Fill an object; the record that holds most of its properties is asked first, so that they belong together."""
        ranked = sorted(records, key=lambda each: (each.place == "meta", -_matches(wanted, each), each.name in _AROUND))
        found: dict[str, Json] = {}
        for name, each in wanted.properties.items():
            where = f"{path}.{name}" if path else name
            if each.kind == "object":
                value = self._nested(each, ranked, where)
            elif each.kind == "array":
                value = self._array(each, ranked, where)
            else:
                value = self._scalar(each, ranked, where)
            found[name] = value
            if value is None:
                self._filled.missing.append(where)
        return found

    def _scalar(self, wanted: Wanted, records: Sequence[Record], path: str) -> Json:
        candidates: list[tuple[Json, str, Json]] = []
        unread: list[str] = []
        for record, label, raw in _labelled(wanted, records):
            try:
                candidates.append((converted(raw, wanted), f"{record.shown}, {label!r}", raw))
            except Unreadable:
                unread.append(f"{path}: {str(raw)[:80]!r} ({record.shown}) is no {wanted.kind} as wanted.")
        if not candidates:
            self._filled.notes += unread[:1]
            return None
        value, origin, raw = candidates[0]
        self._filled.origins[path] = origin if raw == value else f"{origin}: {str(raw)[:120]!r}"
        others = {str(other) for other, _, _ in candidates} - {str(value)}
        if others:
            self._filled.notes.append(f"{path}: the page gives {len(others) + 1} values; the first was taken.")
        return value

    def _nested(self, wanted: Wanted, records: Sequence[Record], path: str) -> Json:
        """An object comes from an object of that label, or from a record that bears its name."""
        called = names(wanted.labels)
        inner = [
            Record(f"{record.place}, {label}", "", list(raw.items()))
            for record, label, raw in _labelled(wanted, records)
            if isinstance(raw, Mapping)
        ]
        inner += [record for record in records if record.name and alike(record.name, called)]
        if not any(_matches(wanted, record) for record in inner):
            return None
        return self.fill(wanted, inner, path)

    def _array(self, wanted: Wanted, records: Sequence[Record], path: str) -> Json:
        assert wanted.items is not None
        if wanted.items.kind == "object":
            return self._objects(wanted, records, path)
        return self._list(wanted, wanted.items, records, path)

    def _list(self, wanted: Wanted, item: Wanted, records: Sequence[Record], path: str) -> Json:
        """Scalars: a list of that label, the values of a label that stands several times, or a table's column."""
        for record in records:
            raws: list[Json] = []
            for _, label, raw in _labelled(wanted, [record]):
                if label == "keywords" and isinstance(raw, str):  # the one meta whose commas separate (HTML, 4.2.5.1)
                    raws += raw.split(",")
                else:
                    raws += raw if isinstance(raw, list) else [raw]
            if raws and self._taken(raws, item, path, record.shown):
                return self._read(raws, item, path)
        called = names(wanted.labels)
        for table in self._tables:
            for at, label in enumerate(table.labels):
                if forms(label) & called:
                    raws = [row[at] for row in table.rows if at < len(row)]
                    if raws and self._taken(raws, item, path, f"{table.place}, column {label!r}"):
                        return self._read(raws, item, path)
        return None

    def _taken(self, raws: Sequence[Json], item: Wanted, path: str, origin: str) -> bool:
        if not any(_readable(raw, item) for raw in raws):
            return False
        self._filled.origins[path] = origin
        return True

    def _read(self, raws: Sequence[Json], item: Wanted, path: str) -> list[Json]:
        values = [converted(raw, item) if _readable(raw, item) else None for raw in raws]
        self._unread(path, values.count(None), len(values))
        return values

    def _objects(self, wanted: Wanted, records: Sequence[Record], path: str) -> Json:
        """Objects: a list of that label, the table, or the records of one type, that holds most of the properties.

        What does not bear the name that is wanted must be several and share two labels: one may do so by accident.
        """
        item = wanted.items
        assert item is not None
        called = names(wanted.labels)
        groups: list[tuple[bool, int, str, list[Record]]] = []
        for record, label, raw in _labelled(wanted, records):
            listed = [each for each in (raw if isinstance(raw, list) else [raw]) if isinstance(each, Mapping)]
            inner = [Record(f"{record.place}, {label}", "", list(each.items())) for each in listed]
            groups.append((True, _best(item, inner), f"{record.shown}, {label!r}", inner))
        for table in self._tables:
            rows = [table.row(number) for number in range(len(table.rows))]
            shown = f"{table.place} ({table.name})" if table.name else table.place
            groups.append((alike(table.name, called), _best(item, rows), shown, rows))
        for name in dict.fromkeys(record.name for record in records if record.name and "table" not in record.place):
            same = [record for record in records if record.name == name and "table" not in record.place]
            groups.append((alike(name, called), _best(item, same), f"{len(same)} × {name}", same))
        least = min(2, len(item.properties))
        fitting = [
            group
            for group in groups
            if group[1] * 2 >= len(item.properties) and (group[0] or (group[1] >= least and len(group[3]) > 1))
        ]
        if not fitting:
            return None
        _, _, origin, rows = max(fitting, key=lambda group: (group[0], group[1]))
        self._filled.origins[path] = origin
        return self._rows(item, rows, path)

    def _rows(self, item: Wanted, rows: Sequence[Record], path: str) -> list[Json]:
        """One object a row; their cells' places are the array's, so they are not told one by one."""
        made: list[Json] = []
        empty = 0
        for row in rows:
            inner = Filled()
            made.append(_Filler(inner, ()).fill(item, [row], ""))
            empty += len(inner.missing)
        self._unread(path, empty, len(rows) * len(item.properties))
        return made

    def _unread(self, path: str, empty: int, total: int) -> None:
        if empty:
            self._filled.notes.append(f"{path}: {empty} of {total} cells are missing or not of the type wanted.")


def _labelled(wanted: Wanted, records: Sequence[Record]) -> Iterator[tuple[Record, str, Json]]:
    """Fields whose label means what is wanted, those of the records themselves before those nested in them."""
    called = names(wanted.labels)
    if wanted.kind == "array":
        called |= {name.removesuffix("s") for name in called}
    for record in records:
        for label, raw in record.fields:
            if forms(label, raw) & called:
                yield record, label, raw
    for record in records:
        for label, raw in record.fields:
            for inner, value in _inside(raw):
                whole, last = forms(f"{label} {inner}", value), forms(inner.rsplit(" ", 1)[-1], value)
                if whole & called or (last - _GENERIC) & called:
                    yield record, f"{label}.{inner.replace(' ', '.')}", value


def _inside(raw: Json) -> Iterator[tuple[str, Json]]:
    """The fields of nested objects, by the path of their labels; of a list only where it holds a single object."""
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if not isinstance(raw, Mapping):
        return
    for label, value in raw.items():
        yield label, value
        for inner, each in _inside(value):
            yield f"{label} {inner}", each


def _matches(wanted: Wanted, record: Record) -> int:
    """How many of an object's properties a record has a label for."""
    return sum(any(True for _ in _labelled(each, [record])) for each in wanted.properties.values())


def _best(wanted: Wanted, records: Sequence[Record]) -> int:
    return max((_matches(wanted, record) for record in records[:_JUDGED]), default=0)


def _readable(raw: Json, wanted: Wanted) -> bool:
    try:
        converted(raw, wanted)
    except Unreadable:
        return False
    return True

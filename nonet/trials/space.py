"""The design space: canonical designs, their keys, single-field neighbours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from nonet.errors import InputError
from nonet.state import Json


def canonical(space: type[BaseModel], design: Mapping[str, Json]) -> dict[str, Json]:
    """Validate ``design`` and fill its defaults, so that equal designs are equal dictionaries.

    A space may define ``normalised(self) -> Self`` to reset the fields that its other fields make meaningless.

    Raises:
        InputError: the design is outside the space.
    """
    try:
        model = space.model_validate(dict(design))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or space.__name__
        raise InputError(f"The design is outside its space: {where}: {first['msg']}.") from error
    normalised = getattr(model, "normalised", None)
    if callable(normalised):
        model = cast(BaseModel, normalised())
    return cast("dict[str, Json]", model.model_dump(mode="json"))


def key(value: Json) -> str:
    """Return a short stable name of any JSON value: 16 hex digits of BLAKE2b over its canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def choices(space: type[BaseModel], field: str) -> Sequence[Json]:
    """Return the values a field may take when they are enumerable, else nothing."""
    annotation = space.model_fields[field].annotation
    if get_origin(annotation) is Literal:
        return cast("Sequence[Json]", get_args(annotation))
    if annotation is bool:
        return (False, True)
    extra = space.model_fields[field].json_schema_extra
    if not isinstance(extra, dict):
        return ()
    return cast("Mapping[str, Sequence[Json]]", extra).get("choices", ())


def neighbours(
    space: type[BaseModel], design: Mapping[str, Json], fixed: Collection[str] = ()
) -> Iterator[dict[str, Json]]:
    """Yield the designs one enumerable field away: next smaller and larger for numbers, every other for names.

    Args:
        space: the design space.
        design: a canonical design.
        fixed: fields that stay as they are.
    """
    seen = {key(canonical(space, design))}
    for field in space.model_fields:
        values = () if field in fixed else choices(space, field)
        if not values:
            continue
        for value in _adjacent(values, design.get(field)):
            try:
                neighbour = canonical(space, {**design, field: value})
            except InputError:
                continue
            if key(neighbour) not in seen:
                seen.add(key(neighbour))
                yield neighbour


def _adjacent(values: Sequence[Json], current: Json) -> list[Json]:
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if numeric and current in values:
        place = list(values).index(current)
        return [values[i] for i in (place - 1, place + 1) if 0 <= i < len(values)]
    return [value for value in values if value != current]

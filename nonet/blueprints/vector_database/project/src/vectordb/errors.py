"""What a person can mend; each message is one line that says what is wrong and what to do."""

from __future__ import annotations


class VectorError(Exception):
    """The root of all of them."""


class DataError(VectorError):
    """Vectors, texts, queries or payloads that cannot be used."""


class DesignError(VectorError):
    """A design outside the space, or one that the data or the metric rule out."""


class ServerError(VectorError):
    """A server that does not answer, or that refuses."""


class SettingsError(VectorError):
    """``settings.json`` is missing or cannot be used."""


class IndexMissingError(VectorError):
    """A part of the index is not there."""


class ConditionError(VectorError):
    """A filter that cannot be read, or that names a field no payload has."""

"""What can go wrong that a user can mend."""

from __future__ import annotations


class RagError(Exception):
    """One line: what is wrong and what to do."""


class SettingsError(RagError):
    """``settings.json`` is missing, malformed, or describes no design."""


class CorpusError(RagError):
    """The corpus is missing, empty, or has nothing readable."""


class IndexMissingError(RagError):
    """The index is not built, or was built by another design."""


class ModelError(RagError):
    """A model's folder or endpoint did not do its part."""


class QuestionsError(RagError):
    """A file of questions is malformed."""


class ChatError(RagError):
    """The chat endpoint did not give an answer."""


class FilterError(RagError):
    """A condition on documents is malformed, or asks for a field that no document has."""


class ServeError(RagError):
    """The server cannot listen, or does not answer."""

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


class QuestionsError(RagError):
    """A file of questions is malformed."""


class ChatError(RagError):
    """The chat endpoint did not give an answer."""

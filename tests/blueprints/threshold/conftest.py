"""The project's tests run in the project's own environment, not here."""

collect_ignore = ["project"]

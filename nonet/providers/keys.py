"""Secrets: from the environment, or from a ``.env`` that the user names. They are read when needed and kept nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from nonet.errors import ConfigurationError
from nonet.settings import Settings


def secret(settings: Settings, variable: str) -> str:
    """Return a secret, "" where it is not set.

    Raises:
        ConfigurationError: the ``.env`` that the settings name cannot be read.
    """
    if not variable:
        return ""
    found = os.environ.get(variable, "").strip()
    return found or (_of_file(settings.env_file).get(variable, "") if settings.env_file else "")


def secrets(settings: Settings, variables: list[str]) -> list[str]:
    """Return the values of those variables that are set: what must be struck out of whatever is written."""
    return [value for variable in variables if (value := secret(settings, variable))]


def _of_file(name: str) -> dict[str, str]:
    path = Path(name).expanduser()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read as a .env file.", "Mend env_file in the settings.") from error
    found: dict[str, str] = {}
    for line in lines:
        variable, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not variable.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            found[variable.strip()] = value[1:-1] if quoted else value.partition(" #")[0].rstrip()
    return found

"""How a command-line agent is called, and where its answer stands in what it prints: one YAML file an agent.

A file ``NAME.yaml`` in ``$NONET_HOME/command_line/`` adds an agent, or takes the place of one that comes with Nonet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nonet import configs
from nonet.errors import ConfigurationError
from nonet.settings import Settings

FOLDER = "command_line"


class Output(BaseModel):
    """Where the answer stands.

    Attributes:
        form: all that is printed, one JSON object, or JSON lines of events.
        event: of JSON lines, what an event must hold to carry an answer: dotted path → value. The last one counts.
        answer: dotted path of the answer's text.
        session: dotted path of what a later question continues by, in the object or in any event.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Literal["text", "json", "jsonl"] = "text"
    event: dict[str, str] = {}
    answer: str = ""
    session: str = ""


class Description(BaseModel):
    """One agent. The prompt goes to its standard input; ``{role}``, ``{model}`` and ``{session}`` stand for values.

    Attributes:
        command: the program, and what always comes first.
        arguments: what always follows.
        read_only: what keeps it from changing anything; left out only where the settings say that it may write.
        role: how it is told its role; without it the role begins the prompt.
        model: how it is told a model, where the settings name one after a slash (``cli:claude/opus``).
        prompt: what says that the prompt comes on standard input, last.
        continuation: how a conversation is continued; without it the earlier turns begin the prompt.
        environment: variables it may see beside PATH, HOME, LANG and TERM.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: tuple[str, ...] = Field(min_length=1)
    arguments: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    prompt: tuple[str, ...] = ()
    continuation: tuple[str, ...] = ()
    output: Output = Output()
    environment: tuple[str, ...] = ()


def names(settings: Settings) -> list[str]:
    """Return the agents that are described, those of the user's own among them."""
    own = [path.stem for path in _folder(settings).glob("*.yaml")] if _folder(settings).is_dir() else []
    ours = [entry.name.removesuffix(".yaml") for entry in configs.resource(FOLDER).iterdir()]
    return sorted({*own, *ours})


def describe(settings: Settings, name: str) -> Description:
    """Return an agent's description.

    Raises:
        ConfigurationError: there is none of that name, or its file is malformed.
    """
    import yaml

    if name not in names(settings):
        known = ", ".join(names(settings))
        raise ConfigurationError(f"No command-line agent {name!r} is described.", f"Known: {known}.")
    path = _folder(settings) / f"{name}.yaml"
    text = path.read_text(encoding="utf-8") if path.is_file() else configs.text(FOLDER, f"{name}.yaml")
    try:
        return Description.model_validate(cast("object", yaml.safe_load(text)))
    except (yaml.YAMLError, ValidationError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ConfigurationError(f"{path} describes no agent: {reason}.", "Mend the file.") from error


def _folder(settings: Settings) -> Path:
    return settings.home_path / FOLDER

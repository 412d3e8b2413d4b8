"""Configuration and secrets: flags over environment over ``nonet.yaml`` over ``$NONET_HOME/config.yaml`` over defaults.

``Settings`` is the graphs' runtime context: names and limits that serialise, no clients and no secrets. Secrets stay in
the environment and are read by the tool that needs them, when it needs them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nonet.errors import ConfigurationError

FILE_NAME = "nonet.yaml"
_ADDRESS = r"^(https?://[^@\s]+)?$"
_VARIABLES = {"sourcegraph_url": "SRC_ENDPOINT"}
"""What a service itself calls the variable of a setting; ours goes before."""


def _default_home() -> str:
    return os.environ.get("NONET_HOME") or str(Path.home() / ".nonet")


def _address(description: str) -> str:
    """A setting that holds the address of a service."""
    return Field(default="", pattern=_ADDRESS, description=description)


class McpRoute(BaseModel):
    """An MCP server that answers one tool in the service's place: a command that is started, or a URL.

    A server that is started may reach the network by itself, so it is not asked offline unless ``local`` says that it
    stays on this machine.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: tuple[str, ...] = Field(default=(), description="Command that speaks MCP on its standard streams.")
    url: str = Field(default="", pattern=_ADDRESS, description="Address of a server that speaks streamable HTTP.")
    tool: str = Field(default="", description="Its tool (default: the same name as ours).")
    arguments: dict[str, str] = Field(default={}, description="Their name of an argument, by ours.")
    environment: tuple[str, ...] = Field(default=(), description="Variables that a started server may see.")
    key: str = Field(default="", description="Variable that holds the bearer key of a URL.")
    local: bool = Field(default=False, description="It reaches nothing outside this machine.")

    @model_validator(mode="after")
    def _one_server(self) -> McpRoute:
        if bool(self.command) == bool(self.url):
            raise ValueError("give either a command or a url")
        return self


class ProviderSettings(BaseModel):
    """How one chat model is reached, and what it may take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(pattern=r"^\w+:\S.*$", description="FAMILY:MODEL, such as openai:NAME, vllm:NAME or cli:NAME.")
    base_url: str = Field(default="", pattern=_ADDRESS, description="Where it is asked (default: the service's own).")
    key: str = Field(default="", description="Variable that holds its key (default: the service's own).")
    seconds: float = Field(default=120, gt=0, description="Time limit of one request.")
    concurrency: int = Field(default=4, ge=1, description="Requests that may run at once.")
    tokens_per_minute: int | None = Field(default=None, ge=1, description="Tokens asked and answered in a minute.")
    input_price: float | None = Field(default=None, ge=0, description="USD a million tokens asked.")
    output_price: float | None = Field(default=None, ge=0, description="USD a million tokens answered.")
    temperature: float | None = Field(default=None, ge=0, description="Sampling temperature (default: the model's).")
    most_tokens: int = Field(default=4096, ge=1, description="Tokens of one answer at most.")


class SeatSettings(BaseModel):
    """One model's seat in the council."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str = Field(description="A name under providers, or FAMILY:MODEL.")
    role: str = Field(default="", description="What it looks at (default: by the model's family).")
    stance: Literal["", "for", "against"] = Field(default="", description="The side it is asked to argue.")


class Settings(BaseModel):
    """What a run may use. Every field can stand in ``nonet.yaml`` under its own name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: str = Field(default_factory=_default_home, description="Folder of memory, caches and environments.")
    runs: str = Field(default="nonet-runs", description="Folder in which run folders are made.")
    offline: bool = Field(default=False, description="Forbid every request that leaves this machine.")
    model: str = Field(default="playbook", description="Chat model of the agents: 'playbook' needs no key.")
    providers: dict[str, ProviderSettings] = Field(
        default={}, description="Chat models by names of your own: 'NAME: {model: openai:MODEL, base_url: URL}'."
    )
    seats: tuple[SeatSettings, ...] = Field(
        default=(), description="Models of the council: a list of {provider: NAME, role: …, stance: …}."
    )
    quorum: int = Field(default=1, ge=1, description="Seats that must answer for what they nominate to be measured.")
    seat_seconds: float = Field(default=180, gt=0, description="Seconds that the council is waited for.")
    env_file: str = Field(default="", description="A .env file whose keys are used where the environment has none.")
    max_usd: float | None = Field(default=None, ge=0, description="USD that the models of one run may cost.")
    max_tokens: int | None = Field(default=None, ge=0, description="Tokens that the models of one run may take.")
    judge_questions: int = Field(
        default=20, ge=0, le=1000, description="Questions whose generated answers a model judges; 0 judges none."
    )
    budget: str = Field(default="10m", description="Default budget: '10m', '90s' or '12 trials'.")
    concurrency: int = Field(default=4, ge=1, le=64, description="Steps of one graph that may run at once.")
    runs_at_once: int = Field(default=4, ge=1, le=64, description="Runs of one process that may measure at once.")
    isolation: Literal["auto", "require", "none"] = Field(
        default="auto", description="Confine trials where the kernel can; 'require' refuses to run where it cannot."
    )
    trial_seconds: float = Field(default=600, gt=0, description="Time limit of one build or one measurement.")
    trial_memory: str = Field(default="8G", pattern=r"^\d+[MG]$", description="Memory limit of one trial process.")
    web: bool = Field(default=False, description="Let requests without a key leave this machine: pages, open search.")
    backends: dict[str, Literal["auto", "embedded", "remote"]] = Field(
        default={},
        description="Who answers a service's tools: 'tavily: embedded', or 'remote', which never falls back to it.",
    )
    mcp: dict[str, McpRoute] = Field(default={}, description="Tools that an MCP server answers: 'TOOL: {url: URL}'.")
    cache: bool = Field(default=True, description="Keep the answers of remote services.")
    cache_seconds: float = Field(default=86_400, ge=0, description="Seconds for which a kept answer is used.")
    tool_seconds: float = Field(default=45, gt=0, description="Time limit of one call of a remote service.")
    requests_per_minute: int = Field(default=60, ge=1, description="Requests of one remote service a minute.")
    private_hosts: tuple[str, ...] = Field(
        default=(), description="Hosts on private networks whose pages may be read, as HOST or HOST:PORT."
    )
    python: str = Field(default="", description="Interpreter or environment whose libraries are documented.")
    sourcegraph_url: str = _address("A Sourcegraph server (SRC_ENDPOINT); its key is in SRC_ACCESS_TOKEN.")
    context7_url: str = _address("A Context7 server of your own; the key is in CONTEXT7_API_KEY.")
    tavily_url: str = _address("A Tavily server of your own; the key is in TAVILY_API_KEY.")
    firecrawl_url: str = _address("A Firecrawl server of your own; the key, if it wants one, is in FIRECRAWL_API_KEY.")
    file_size_limit: int = Field(default=50_000_000, gt=0, description="Larger files are skipped (bytes).")
    qdrant_url: str = _address(
        "A Qdrant server that keeps the memory, as http(s)://HOST:PORT; its key is in QDRANT_API_KEY."
    )
    values: dict[str, str] = Field(default={}, description="What outcomes are worth: 'false_negative: 120 EUR'.")

    @property
    def home_path(self) -> Path:
        """The home folder, absolute."""
        return Path(self.home).expanduser().absolute()


def load(overrides: Mapping[str, object] | None = None, folder: Path | None = None) -> Settings:
    """Read the configuration that applies in ``folder`` (default: the working folder).

    Raises:
        ConfigurationError: a file is malformed or names a setting that does not exist.
    """
    overrides = {key: value for key, value in (overrides or {}).items() if value is not None}
    home = Path(str(overrides.get("home") or _default_home())).expanduser()
    merged: dict[str, object] = {}
    for path in (home / "config.yaml", (folder or Path.cwd()) / FILE_NAME):
        merged |= _read(path)
    merged |= _environment()
    merged |= overrides
    return _validated(merged, "The settings")


def template() -> str:
    """A commented ``nonet.yaml`` with every setting at its default."""
    lines = ["# Nonet's settings. Flags and NONET_* variables win over this file. Uncomment to change."]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True) if name != "home" else "~/.nonet"
        lines += ["", f"# {field.description}", f"# {name}: {_yaml_scalar(default)}"]
    return "\n".join(lines) + "\n"


def _yaml_scalar(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return str(list(cast("tuple[object, ...]", value)))
    return str(value) or '""'


def _read(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"{path} is not valid YAML: {reason}.", "Mend or remove the file.") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigurationError(f"{path} must be a mapping of settings.", "See: nonet init")
    settings = {str(key): value for key, value in cast("dict[object, object]", data).items()}
    _validated(settings, str(path))
    return settings


def _environment() -> dict[str, object]:
    """Settings by their variables. A service's own variable yields to ours; mappings stand in files only."""
    found: dict[str, object] = {}
    for name, field in Settings.model_fields.items():
        if name == "home" or get_origin(field.annotation) in (dict, tuple):
            continue
        value = os.environ.get(f"NONET_{name.upper()}") or os.environ.get(_VARIABLES.get(name, ""))
        if value:
            found[name] = value
    return found


def _validated(data: Mapping[str, object], where: str) -> Settings:
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            raise ConfigurationError(f"{where}: unknown setting {name!r}.", f"Known settings: {known}.") from error
        raise ConfigurationError(f"{where}: {name}: {first['msg']}.", "Mend the value.") from error

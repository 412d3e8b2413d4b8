"""``clink``: several models asked at once."""

from __future__ import annotations

from pydantic import Field, field_validator

from nonet.tools.clink.council import Consulted, Inquiry, consult
from nonet.tools.clink.told import told
from nonet.tools.contract import Arguments, Found, Tool, ToolContext


class ClinkArguments(Arguments):
    """What is asked, and of whom."""

    prompt: str = Field(min_length=1, max_length=20_000, description="The question, or what the options are for.")
    seats: list[str] = Field(default=[], max_length=20, description="Names of the seats asked; empty for all.")
    role: str = Field(default="", max_length=2000, description="What every seat looks at; empty for its own role.")
    paths: list[str] = Field(default=[], max_length=40, description="Files, or folders of Python files, to be quoted.")
    images: list[str] = Field(default=[], max_length=8, description="PNG, JPEG or GIF files to be shown.")
    continuation_id: str = Field(
        default="", max_length=40, description="The conversation to go on with; empty to begin one."
    )
    options: list[str] = Field(
        default=[], max_length=8, description="2 to 8 options to be ranked; empty for an open question."
    )
    authors: list[str] = Field(
        default=[],
        max_length=8,
        description="Of each option the seat that proposed it, which then does not judge it; empty for a person's.",
    )

    @field_validator("seats", "paths", "images", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        """On a command line several stand apart by commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    def inquiry(self) -> Inquiry:
        """Return it as what the council is asked."""
        return Inquiry(
            self.prompt, self.seats, self.role, self.paths, self.images, self.continuation_id, self.options,
            self.authors,
        )  # fmt: skip


class Clink(Tool[ClinkArguments]):
    """The tool. Without a model that has a seat it answers by what rules, notes and memory hold, and says so."""

    name = "clink"
    service = "clink"
    description = (
        "Ask several models at once, blind to one another. An open question brings claims: who holds and who "
        "contradicts each, and which evidence was checked. Options are ranked by pairwise comparison in both orders. "
        "Opinions nominate; what can be measured is decided by measuring it."
    )
    Arguments = ClinkArguments

    async def find(self, arguments: ClinkArguments, context: ToolContext) -> Found:
        """Consult the seats of the settings."""
        consulted: Consulted = await consult(arguments.inquiry(), context)
        return told(consulted, arguments.options, context.settings)

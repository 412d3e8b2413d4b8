"""What Context7's API (v2) answers, as far as it is read here."""

from __future__ import annotations

from collections.abc import Iterator

import pydantic
from pydantic import BaseModel, Field, RootModel


class Library(BaseModel):
    """A library that Context7 knows; ``id`` is ``/owner/repository``."""

    id: str = Field(pattern=r"^/\S+$")
    title: str = Field(default="", validation_alias=pydantic.AliasChoices("title", "name"))
    description: str = ""
    versions: list[str] = []


class Libraries(BaseModel):
    """``GET /v2/libs/search``."""

    results: list[Library]


class BareLibraries(RootModel[list[Library]]):
    """The same without its envelope, as the API's guide shows it."""


class Code(BaseModel):
    """One piece of code."""

    language: str = ""
    code: str


class CodeSnippet(BaseModel):
    """An example: what it is for, and its code in one language or several."""

    title: str = Field(default="", alias="codeTitle")
    description: str = Field(default="", alias="codeDescription")
    pieces: list[Code] = Field(alias="codeList")
    page: str = Field(default="", alias="codeId")

    @property
    def text(self) -> str:
        """The example as Markdown."""
        blocks = [f"```{each.language}\n{each.code.strip()}\n```" for each in self.pieces]
        return "\n\n".join(filter(None, [self.description.strip(), *blocks]))


class InfoSnippet(BaseModel):
    """A passage of prose; ``breadcrumb`` is its place on the page."""

    content: str
    breadcrumb: str = ""
    page: str = Field(default="", alias="pageId")


class Context(BaseModel):
    """``GET /v2/context``: each list best first."""

    code: list[CodeSnippet] = Field(alias="codeSnippets")
    prose: list[InfoSnippet] = Field(alias="infoSnippets")

    def passages(self) -> Iterator[tuple[str, str, str]]:
        """Yield (title, text, page) of both lists by turns, as their ranks cannot be compared."""
        for place in range(max(len(self.code), len(self.prose))):
            for each in self.code[place : place + 1]:
                yield each.title, each.text, each.page
            for each in self.prose[place : place + 1]:
                yield each.breadcrumb, each.content, each.page

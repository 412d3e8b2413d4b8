"""Tools: what agents can do. Each is imported when it is first used.

tavily-search     what is written about a topic: the web, the user's folders, the library of notes
tavily-extract    several pages at once
scrape_url        one page in full
crawl_url         the pages of one host that a page leads to
extract_structured_data   a page's data in the form of a JSON Schema
c7_projects_list  which libraries there are for something, the installed ones first
c7_query          what a library's documentation says, an installed one's at its exact version
search_code       where the code of a checkout does something
git_log, git_diff, git_blame   who changed what in a checkout, and which hyperparameter when
semgrep_scan      faults of machine-learning code
clink             several models asked at once, blind to one another
qdrant-find       what was measured or noted before
qdrant-store      keep a note
read_file, list_directory, search_files   the user's files
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from nonet.settings import Settings
    from nonet.tools.contract import Tool, ToolContext, ToolResult

_TOOLS = {
    "c7_projects_list": ("nonet.tools.context7.projects_list", "ProjectsList"),
    "clink": ("nonet.tools.clink.clink", "Clink"),
    "crawl_url": ("nonet.tools.firecrawl.crawl_url", "CrawlUrl"),
    "c7_query": ("nonet.tools.context7.query", "Query"),
    "extract_structured_data": ("nonet.tools.firecrawl.extract_structured_data", "ExtractStructuredData"),
    "git_blame": ("nonet.tools.git.blame", "GitBlame"),
    "git_diff": ("nonet.tools.git.diff", "GitDiff"),
    "git_log": ("nonet.tools.git.log", "GitLog"),
    "list_directory": ("nonet.tools.filesystem.list_directory", "ListDirectory"),
    "qdrant-find": ("nonet.tools.qdrant.find", "QdrantFind"),
    "qdrant-store": ("nonet.tools.qdrant.store", "QdrantStore"),
    "read_file": ("nonet.tools.filesystem.read_file", "ReadFile"),
    "scrape_url": ("nonet.tools.firecrawl.scrape_url", "ScrapeUrl"),
    "search_code": ("nonet.tools.sourcegraph.search_code", "SearchCode"),
    "search_files": ("nonet.tools.filesystem.search_files", "SearchFiles"),
    "semgrep_scan": ("nonet.tools.semgrep.semgrep_scan", "SemgrepScan"),
    "tavily-extract": ("nonet.tools.tavily.extract", "TavilyExtract"),
    "tavily-search": ("nonet.tools.tavily.search", "TavilySearch"),
}


def names() -> list[str]:
    """Return every tool's name."""
    return sorted(_TOOLS)


def get(name: str) -> Tool[Any]:
    """Return a tool.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in _TOOLS:
        raise UsageError(f"There is no tool {name!r}.", f"Tools: {', '.join(names())}.")
    module, attribute = _TOOLS[name]
    return getattr(import_module(module), attribute)()


def check(settings: Settings) -> None:
    """Refuse settings that speak of a tool or a service that is not there; a misspelt one would silently do nothing.

    Raises:
        ConfigurationError: ``mcp`` names no tool, or ``backends`` no service that could be chosen.
    """
    if not (settings.mcp or settings.backends):
        return
    services = {tool.service for tool in map(get, names()) if tool.remotes() or tool.name in settings.mcp}
    for said, known, what in (
        (settings.mcp, set(names()), "tool"),
        (settings.backends, services, "service with a backend to choose"),
    ):
        wrong = sorted(set(said) - known)
        if wrong:
            raise ConfigurationError(f"There is no {what} {wrong[0]!r}.", f"Known: {', '.join(sorted(known))}.")


async def call(name: str, context: ToolContext, /, **arguments: object) -> ToolResult:
    """Call a tool by name.

    Raises:
        UsageError: there is none of that name.
        ToolError: the call failed.
    """
    return await get(name).answer(arguments, context)


def working(settings: Settings) -> ToolContext:
    """Return the context of a person at work: the working folder is what is read, and the checkout.

    Raises:
        ConfigurationError: the settings speak of a tool that is not there.
    """
    from nonet.tools.contract import ToolContext

    check(settings)
    here = Path.cwd()
    environment = Path(settings.python).expanduser() if settings.python else None
    return ToolContext(settings, (here,), repository=here, environment=environment)


def toolset(
    settings: Settings | None = None,
    roots: Sequence[Path | str] = (),
    *,
    context: ToolContext | None = None,
    only: Sequence[str] | None = None,
) -> list[BaseTool]:
    """Return LangChain tools for one's own agents.

    What a tool found comes as quoted text; the typed ``ToolResult``, as JSON, is the message's artifact. A failed call
    comes back as an error message, so that no agent is ended by it.

    Args:
        settings: the configuration (default: what applies in the working folder).
        roots: folders that the tools may read; the first is the checkout that ``search_code`` searches.
        context: the whole context, instead of ``settings`` and ``roots``.
        only: names of the tools wanted (default: all).
    """
    from nonet import settings as configuration
    from nonet.tools.contract import ToolContext
    from nonet.tools.langchain import structured

    if context is None:
        folders = tuple(Path(root) for root in roots)
        context = ToolContext(settings or configuration.load(), folders, repository=folders[0] if folders else None)
        check(context.settings)
    return [structured(get(name), context) for name in (names() if only is None else only)]

"""Languages by the names and endings of files, as ``lang:`` knows them."""

from __future__ import annotations

from nonet.errors import ToolError

LANGUAGES: dict[str, tuple[str, ...]] = {
    "c": (".c", ".h"),
    "c#": (".cs",),
    "c++": (".cc", ".cpp", ".cxx", ".hpp", ".hh", ".h"),
    "css": (".css",),
    "cuda": (".cu", ".cuh"),
    "cython": (".pyx", ".pxd"),
    "dockerfile": ("Dockerfile", ".dockerfile"),
    "go": (".go",),
    "html": (".html", ".htm"),
    "java": (".java",),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "json": (".json", ".jsonl"),
    "julia": (".jl",),
    "jupyter": (".ipynb",),
    "kotlin": (".kt", ".kts"),
    "makefile": ("Makefile", ".mk"),
    "markdown": (".md", ".markdown"),
    "php": (".php",),
    "protobuf": (".proto",),
    "python": (".py", ".pyi", ".ipynb"),
    "r": (".r",),
    "ruby": (".rb",),
    "rust": (".rs",),
    "scala": (".scala",),
    "shell": (".sh", ".bash", ".zsh"),
    "sql": (".sql",),
    "swift": (".swift",),
    "terraform": (".tf",),
    "toml": (".toml",),
    "typescript": (".ts", ".tsx"),
    "yaml": (".yaml", ".yml"),
}
"""What each is known by: endings (with a dot) and whole names. A notebook's cells count as Python."""
_OTHER_NAMES = {
    "bash": "shell", "cpp": "c++", "csharp": "c#", "docker": "dockerfile", "golang": "go", "js": "javascript",
    "jupyter notebook": "jupyter", "py": "python", "rs": "rust", "ts": "typescript", "yml": "yaml",
}  # fmt: skip
ANY = "*"


def named(name: str) -> str:
    """Return the name under which a language is known here, ``"*"`` for any.

    Raises:
        ToolError: there is none of that name.
    """
    lowered = name.strip().lower()
    known = _OTHER_NAMES.get(lowered, lowered)
    if known != ANY and known not in LANGUAGES:
        raise ToolError(f"The language {name!r} is not known.", f"Known: {', '.join(LANGUAGES)}, * for any.")
    return known


def speaks(path: str, language: str) -> bool:
    """Whether a file is of a language."""
    return language == ANY or not _marks(path).isdisjoint(LANGUAGES[language])


def language_of(path: str) -> str:
    """Return the language of a file, "" where it is of none."""
    marks = _marks(path)
    return next((language for language, known in LANGUAGES.items() if not marks.isdisjoint(known)), "")


def _marks(path: str) -> set[str]:
    """Return what a file's language is known by: its name, and its ending in small letters."""
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return {name, f"{dot}{ending}".lower()} if stem else {name}

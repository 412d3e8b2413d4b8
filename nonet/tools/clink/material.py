"""What a question quotes: files and images beneath the roots, read by the file tools' own rules."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import HumanMessage

from nonet.errors import ToolError
from nonet.tools.contract import ToolContext, visible
from nonet.tools.filesystem.roots import Roots, text
from nonet.tools.quoting import on_one_line

MOST_OF_A_FILE, MOST_OF_ALL = 60_000, 200_000
"""Characters quoted of one file, and of all."""
MOST_OF_AN_IMAGE = 4_000_000
"""Bytes."""
SEEING = ("openai", "anthropic", "google_genai")
"""Families that take images; of what stands behind another address nothing is known."""
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@dataclass(frozen=True)
class Image:
    """One image; ``digest`` is the SHA-256 of its bytes, which names it in the journal of questions."""

    name: str
    kind: str
    encoded: str
    digest: str


def files(paths: Sequence[str], context: ToolContext) -> str:
    """Return the files as text: each line with its number, quoted.

    Raises:
        ToolError: one is not beneath the roots, is no text, or may not be read.
    """
    roots, parts, left = Roots(context), list[str](), MOST_OF_ALL
    for path in paths:
        root, relative = roots.locate(path)
        names = [relative] if relative != "." and not _is_folder(roots, root, relative) else []
        entries = names or [each.relative for each in roots.files(root, relative) if each.relative.endswith(".py")]
        if not entries:
            raise ToolError(f"{path!r} holds no Python file.", "Name the files to be quoted.")
        for name in entries:
            quoted = _file(f"{root.name}/{name}", text(roots.read(root, name), name), min(left, MOST_OF_A_FILE))
            left -= len(quoted)
            parts.append(quoted)
            if left <= 0:
                return "\n\n".join([*parts, "(further files are left out here)"])
    return "\n\n".join(parts)


def _is_folder(roots: Roots, root: object, relative: str) -> bool:
    try:
        with roots.opened(root, relative):  # pyright: ignore[reportArgumentType]
            return False
    except ToolError:
        return any(True for _ in roots.files(root, relative))  # pyright: ignore[reportArgumentType]


def _file(name: str, content: str, limit: int) -> str:
    lines = [f"> {number}: {line}" for number, line in enumerate(visible(content).split("\n"), start=1)]
    whole = "\n".join(lines)
    cut = "" if len(whole) <= limit else f"\n({len(whole) - limit:,} characters are left out here)"
    return f"File {on_one_line(name)}\n{whole[: max(0, limit)]}{cut}"


def images(paths: Sequence[str], context: ToolContext) -> list[Image]:
    """Read images.

    Raises:
        ToolError: one is not beneath the roots, too large, or none that every family takes.
    """
    roots = Roots(context)
    found: list[Image] = []
    for path in paths:
        root, relative = roots.locate(path)
        content = roots.read(root, relative)
        kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), "")
        if not kind:
            raise ToolError(f"{path!r} is no PNG, JPEG or GIF.", "Give an image of one of these forms.")
        if len(content) > MOST_OF_AN_IMAGE:
            raise ToolError(f"{path!r} is larger than {MOST_OF_AN_IMAGE:,} bytes.", "Make it smaller.")
        digest = hashlib.sha256(content).hexdigest()
        found.append(Image(on_one_line(f"{root.name}/{relative}"), kind, base64.b64encode(content).decode(), digest))
    return found


def shown(found: Sequence[Image]) -> HumanMessage:
    """Return a message that shows images. Its text names their content, so that a journal tells questions apart."""
    content: list[str | dict[str, str]] = []
    for each in found:
        content.append({"type": "text", "text": f"Image {each.name} (SHA-256 {each.digest}); it is data."})
        content.append({"type": "image", "base64": each.encoded, "mime_type": each.kind})
    return HumanMessage(content=content)  # pyright: ignore[reportArgumentType]

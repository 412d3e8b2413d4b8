"""Gemini's ``generateContent``. Format: https://ai.google.dev/api/generate-content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nonet.testing.dialects import content, inner, listed, pieces
from nonet.testing.replies import Question, Reply

_PATH = re.compile(r"/models/(?P<model>[^:]+):(?P<verb>\w+)")


class Gemini:
    """``POST /v1beta/models/MODEL:generateContent``, or ``:streamGenerateContent?alt=sse``."""

    base_path = ""

    def question(self, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Question:
        """Read a request."""
        asked = _PATH.search(path)
        settings = inner(body, "generationConfig")
        declared = [each for tool in listed(body.get("tools")) for each in listed(tool.get("functionDeclarations"))]
        return Question(
            dialect="gemini",
            model=asked["model"] if asked else "",
            key=headers.get("x-goog-api-key", ""),
            system=_text(inner(body, "systemInstruction", "parts")),
            messages=tuple(
                ("tool" if "functionResponse" in part else str(turn.get("role", "user")), _text([part]))
                for turn in listed(body["contents"])
                for part in listed(turn["parts"])
            ),
            tools=tuple(each["name"] for each in declared),
            schema=inner(settings, "responseJsonSchema") or inner(settings, "responseSchema"),
            stream=bool(asked and asked["verb"].startswith("stream")),
            body=body,
        )

    def whole(self, question: Question, said: Reply, refused: bool) -> Mapping[str, Any]:
        """Write a ``GenerateContentResponse``."""
        if refused:
            return {"candidates": [{"finishReason": "SAFETY", "index": 0}], **_tail(question, said)}
        return {"candidates": [_candidate(_parts(said), "STOP")], **_tail(question, said)}

    def events(self, question: Question, said: Reply, refused: bool) -> Iterable[tuple[str, Mapping[str, Any] | str]]:
        """Write responses that each hold a piece; the last one says why it ended."""
        if refused or said.calls:
            yield "", self.whole(question, said, refused)
            return
        found = pieces(content(said))
        for piece in found[:-1]:
            yield "", {"candidates": [_candidate([{"text": piece}], None)], "modelVersion": question.model}
        yield "", {"candidates": [_candidate([{"text": found[-1]}], "STOP")], **_tail(question, said)}

    def error(self, status: int, message: str) -> Mapping[str, Any]:
        """Write an error."""
        kinds = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED"}
        return {"error": {"code": status, "message": message, "status": kinds.get(status, "INTERNAL")}}


DIALECT = Gemini()


def _text(parts: Any) -> str:
    return "\n".join(str(part.get("text") or part.get("functionResponse") or "") for part in listed(parts))


def _parts(said: Reply) -> list[dict[str, Any]]:
    if said.calls:
        return [{"functionCall": {"name": call.name, "args": dict(call.arguments)}} for call in said.calls]
    text = content(said)
    return [{"text": text}] if text else []


def _candidate(parts: list[dict[str, Any]], finish: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    return made if finish is None else {**made, "finishReason": finish}


def _tail(question: Question, said: Reply) -> dict[str, Any]:
    total = said.input_tokens + said.output_tokens
    counts = {"promptTokenCount": said.input_tokens, "candidatesTokenCount": said.output_tokens}
    return {"usageMetadata": {**counts, "totalTokenCount": total}, "modelVersion": question.model}

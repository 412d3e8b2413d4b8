"""Anthropic's messages. Format: https://docs.anthropic.com/en/api/messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nonet.testing.dialects import content, inner, listed, pieces
from nonet.testing.replies import Question, Reply


class Anthropic:
    """``POST /v1/messages``. A schema is wanted by a tool that must be called, or by ``output_config.format``."""

    base_path = ""

    def question(self, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Question:
        """Read a request."""
        forced = _forced(body)
        wanted = inner(body, "output_config", "format", "schema")
        tools = listed(body.get("tools"))
        return Question(
            dialect="anthropic",
            model=body["model"],
            key=headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer "),
            system=_text(body.get("system")),
            messages=tuple(part for message in listed(body["messages"]) for part in _parts(message)),
            tools=tuple(tool["name"] for tool in tools if tool["name"] != forced),
            schema=wanted or next((tool["input_schema"] for tool in tools if tool["name"] == forced), None),
            stream=bool(body.get("stream")),
            body=body,
        )

    def whole(self, question: Question, said: Reply, refused: bool) -> Mapping[str, Any]:
        """Write a ``message``."""
        return {
            **_head(question),
            "content": _blocks(question, said),
            "stop_reason": _stop(question, said, refused),
            "usage": {"input_tokens": said.input_tokens, "output_tokens": said.output_tokens},
        }

    def events(self, question: Question, said: Reply, refused: bool) -> Iterable[tuple[str, Mapping[str, Any] | str]]:
        """Write ``message_start``, the blocks piece by piece, ``message_delta`` and ``message_stop``."""
        usage = {"input_tokens": said.input_tokens, "output_tokens": 1}
        message: dict[str, Any] = {**_head(question), "content": [], "stop_reason": None, "usage": usage}
        yield "message_start", {"type": "message_start", "message": message}
        for index, block in enumerate(_blocks(question, said)):
            empty: dict[str, Any] = {"input": {}} if block["type"] == "tool_use" else {"text": ""}
            start = {**block, **empty}
            yield "content_block_start", {"type": "content_block_start", "index": index, "content_block": start}
            for delta in _deltas(block):
                yield "content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta}
            yield "content_block_stop", {"type": "content_block_stop", "index": index}
        delta = {"stop_reason": _stop(question, said, refused), "stop_sequence": None}
        yield "message_delta", {"type": "message_delta", "delta": delta, "usage": {"output_tokens": said.output_tokens}}
        yield "message_stop", {"type": "message_stop"}

    def error(self, status: int, message: str) -> Mapping[str, Any]:
        """Write an error."""
        kinds = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}
        return {"type": "error", "error": {"type": kinds.get(status, "api_error"), "message": message}}


DIALECT = Anthropic()


def _forced(body: Mapping[str, Any]) -> str:
    return str(inner(body, "tool_choice", "name")) if inner(body, "tool_choice", "type") == "tool" else ""


def _text(found: Any) -> str:
    if isinstance(found, str):
        return found
    return "\n".join(str(part.get("text") or _text(part.get("content"))) for part in listed(found))


def _parts(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    blocks = message["content"]
    if isinstance(blocks, str):
        return [(message["role"], blocks)]
    return [
        ("tool" if block.get("type") == "tool_result" else message["role"], _text([block])) for block in listed(blocks)
    ]


def _head(question: Question) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": question.model, "stop_sequence": None}


def _blocks(question: Question, said: Reply) -> list[dict[str, Any]]:
    forced = _forced(question.body)
    if said.data is not None and forced:
        return [{"type": "tool_use", "id": "toolu_0", "name": forced, "input": dict(said.data)}]
    if said.calls:
        return [
            {"type": "tool_use", "id": f"toolu_{number}", "name": call.name, "input": dict(call.arguments)}
            for number, call in enumerate(said.calls)
        ]
    text = content(said)
    return [{"type": "text", "text": text}] if text else []


def _stop(question: Question, said: Reply, refused: bool) -> str:
    if refused:
        return "refusal"
    return "tool_use" if said.calls or (said.data is not None and _forced(question.body)) else "end_turn"


def _deltas(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    if block["type"] == "tool_use":
        return [{"type": "input_json_delta", "partial_json": part} for part in pieces(json.dumps(block["input"]))]
    return [{"type": "text_delta", "text": part} for part in pieces(block["text"])]

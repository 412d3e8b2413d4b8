"""OpenAI's chat completions, which vLLM, llama.cpp, Ollama and LiteLLM speak too.

Format: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nonet.testing.dialects import content, inner, listed, pieces
from nonet.testing.replies import Question, Reply


class OpenAI:
    """``POST /v1/chat/completions``."""

    base_path = "/v1"

    def question(self, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Question:
        """Read a request."""
        said = [(str(message["role"]), _text(message.get("content"))) for message in listed(body["messages"])]
        return Question(
            dialect="openai",
            model=body["model"],
            key=headers.get("authorization", "").removeprefix("Bearer "),
            system="\n".join(text for role, text in said if role in ("system", "developer")),
            messages=tuple((role, text) for role, text in said if role not in ("system", "developer")),
            tools=tuple(tool["function"]["name"] for tool in listed(body.get("tools"))),
            schema=inner(body, "response_format", "json_schema", "schema"),
            stream=bool(body.get("stream")),
            body=body,
        )

    def whole(self, question: Question, said: Reply, refused: bool) -> Mapping[str, Any]:
        """Write a ``chat.completion``."""
        message: dict[str, Any] = {"role": "assistant", "content": content(said), "refusal": None}
        if refused:
            message |= {"content": None, "refusal": said.text}
        if said.calls:
            message |= {"content": None, "tool_calls": _calls(said)}
        choice = {"index": 0, "message": message, "finish_reason": _finish(said), "logprobs": None}
        return {**_head(question, "chat.completion"), "choices": [choice], "usage": _usage(said)}

    def events(self, question: Question, said: Reply, refused: bool) -> Iterable[tuple[str, Mapping[str, Any] | str]]:
        """Write ``chat.completion.chunk`` events, usage in the last one, then ``[DONE]``."""
        head = _head(question, "chat.completion.chunk")
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        if refused:
            deltas += [{"refusal": piece} for piece in pieces(said.text)]
        elif said.calls:
            deltas += [{"tool_calls": [{"index": n, **call}]} for n, call in enumerate(_calls(said))]
        else:
            deltas += [{"content": piece} for piece in pieces(content(said))]
        for delta in deltas:
            yield "", {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        yield "", {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(said)}]}
        yield "", {**head, "choices": [], "usage": _usage(said)}
        yield "", "[DONE]"

    def error(self, status: int, message: str) -> Mapping[str, Any]:
        """Write an error."""
        code = {400: "context_length_exceeded", 401: "invalid_api_key", 429: "rate_limit_exceeded"}.get(status)
        return {"error": {"message": message, "type": "error", "param": None, "code": code}}


DIALECT = OpenAI()


def _text(found: Any) -> str:
    if isinstance(found, str):
        return found
    return "\n".join(str(inner(part, "text") or "") for part in listed(found))


def _head(question: Question, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": question.model}


def _calls(said: Reply) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
        }
        for number, call in enumerate(said.calls)
    ]


def _finish(said: Reply) -> str:
    return "tool_calls" if said.calls else "stop"


def _usage(said: Reply) -> dict[str, int]:
    total = said.input_tokens + said.output_tokens
    return {"prompt_tokens": said.input_tokens, "completion_tokens": said.output_tokens, "total_tokens": total}

"""What a conversation came to: its evidence, and what must be said of how it went."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from nonet.agents.playbook import results
from nonet.state import Evidence
from nonet.tools.contract import ToolResult

NAVIGATION = frozenset({"list_directory", "search_files"})


def evidence(step: str, found: Sequence[ToolResult]) -> list[Evidence]:
    """Turn results into evidence, each piece once; ids are the same whenever the same thing is found in a step.

    The names of files say where to look: they are no evidence.
    """
    made: dict[str, Evidence] = {}
    for result in found:
        if result.tool in NAVIGATION:
            continue
        for item in result.items:
            content = "\0".join((step, item.reference, item.excerpt))
            identity = hashlib.blake2b(content.encode(), digest_size=6).hexdigest()
            made.setdefault(
                identity,
                Evidence(
                    id=f"{step}-{identity}",
                    step=step,
                    tool=result.tool,
                    backend=result.backend,
                    reference=item.reference,
                    title=item.title,
                    excerpt=item.excerpt,
                    facts=item.facts,
                ),
            )
    return list(made.values())


def notes(messages: Sequence[BaseMessage], counted: Collection[str] = ()) -> list[str]:
    """Say what failed and what was left out.

    Args:
        messages: the conversation.
        counted: ids of calls that failed and are told of together, elsewhere.
    """
    arguments = {call["id"]: call["args"] for m in messages if isinstance(m, AIMessage) for call in m.tool_calls}
    said: list[str] = []
    for message in messages:
        if isinstance(message, ToolMessage) and message.status == "error" and message.tool_call_id not in counted:
            asked = json.dumps(arguments.get(message.tool_call_id, {}), ensure_ascii=False, sort_keys=True)
            said.append(f"{message.name} {asked[:300]} failed: {' '.join(message.text.split())[:300]}")
        elif isinstance(message, AIMessage) and message.invalid_tool_calls:
            said.append("its model wrote a tool call that could not be read.")
    said += [f"{result.tool}: {result.note}" for result in results(messages) if result.note]
    return list(dict.fromkeys(said))

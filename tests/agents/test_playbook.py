"""The model that needs no key, as any chat model."""

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from nonet import tools
from nonet.agents.playbook import Call, PlaybookModel, listed
from nonet.tools.contract import Item, ToolResult

MODEL = PlaybookModel(playbook=listed([Call("scrape_url", {"url": "a"}), Call("search_code", {"query": "b"})]))


def returned(call_id: str, reference: str) -> ToolMessage:
    result = ToolResult(tool="scrape_url", backend="b", items=[Item(reference=reference, title="t", excerpt="e")])
    return ToolMessage("text", tool_call_id=call_id, name="scrape_url", artifact=result.model_dump(mode="json"))


async def test_it_calls_then_answers_from_what_came_back():
    asked = await MODEL.ainvoke([HumanMessage("go")])
    assert [(call["name"], call["args"]) for call in asked.tool_calls] == [
        ("scrape_url", {"url": "a"}), ("search_code", {"query": "b"}),
    ]  # fmt: skip
    assert len({call["id"] for call in asked.tool_calls}) == 2
    assert asked.response_metadata["model_name"] == "playbook"
    answer = await MODEL.ainvoke([HumanMessage("go"), asked, returned(str(asked.tool_calls[0]["id"]), "note:x")])
    assert not answer.tool_calls
    assert answer.text == "scrape_url found 1: note:x."


async def test_bound_to_tools_it_calls_no_other(context):
    bound = MODEL.bind_tools(tools.toolset(context=context(), only=["search_code"]))
    asked = await bound.ainvoke([HumanMessage("go")])
    assert [call["name"] for call in asked.tool_calls] == ["search_code"]
    assert MODEL.bound is None


async def test_streamed_it_says_the_same():
    whole = None
    async for chunk in MODEL.astream([HumanMessage("go")]):
        whole = chunk if whole is None else whole + chunk
    invoked = await MODEL.ainvoke([HumanMessage("go")])
    assert whole is not None
    assert whole.tool_calls == invoked.tool_calls


async def test_a_playbook_sees_what_was_found():
    def follow(turn, results):
        return [Call("scrape_url", {"url": item.reference}) for result in results for item in result.items][:1]

    model = PlaybookModel(playbook=follow)
    asked = AIMessage("", tool_calls=[{"name": "x", "args": {}, "id": "1"}])
    following = await model.ainvoke([HumanMessage("go"), asked, returned("1", "note:y")])
    assert following.tool_calls[0]["args"] == {"url": "note:y"}


async def test_another_models_turns_are_not_its_own():
    """Standing in for a provider that failed midway, it begins its playbook at the beginning."""
    provider = AIMessage("", tool_calls=[{"name": "x", "args": {}, "id": "1"}], response_metadata={"model_name": "gpt"})
    asked = await MODEL.ainvoke([HumanMessage("go"), provider, returned("1", "note:y")])
    assert len(asked.tool_calls) == 2

"""Fakes for tests of one's own: chat providers on loopback that speak the real wire formats, scripted or faulty.

Example: the real client of OpenAI, against a script.

    with FakeProvider("openai", ["Hello.", Fault("limit", retry_after=0)]) as provider:
        model = init_chat_model("openai:any", base_url=provider.base_url, api_key="any")
        assert model.invoke("Hi").text == "Hello."
"""

from nonet.testing.replies import Fault, Question, Reply, ToolUse
from nonet.testing.server import FakeProvider

__all__ = ["FakeProvider", "Fault", "Question", "Reply", "ToolUse"]

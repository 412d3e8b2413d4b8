"""``nonet doctor``: what answers here, what is used instead, and how to turn the real one on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nonet import tools
from nonet.testing import FakeProvider, Fault


def doctor(folder: Path, *words: str, configuration: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    (folder / "nonet.yaml").write_text(configuration)
    environment = {name: value for name, value in os.environ.items() if not name.endswith(("_KEY", "_TOKEN"))}
    environment |= {"NONET_HOME": str(folder / "home"), **variables}
    command = [sys.executable, "-m", "nonet", "doctor", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def checkups(folder: Path, *words: str, **given: Any) -> dict[str, Any]:
    done = doctor(folder, "--json", *words, **given)
    assert done.returncode == 0, done.stderr
    return {each["name"]: each for each in json.loads(done.stdout)["checkups"]}


def test_every_tool_and_provider_is_told_and_offline_nothing_is_asked(tmp_path):
    checked = checkups(tmp_path, "--offline")
    assert set(checked) == {*tools.names(), "chat model"}
    models = {backend["name"] for backend in checked["chat model"]["backends"]}
    assert models == {"openai:MODEL", "anthropic:MODEL", "google_genai:MODEL", "playbook"}
    for each in checked.values():
        assert each["used"] in ("embedded", "playbook", "none")
        for backend in each["backends"]:
            assert backend["answers"] or (backend["said"] and backend["remedy"]), (each["name"], backend)


def test_a_server_that_does_not_answer_is_told_and_replaced(tmp_path):
    route = "mcp:\n  search_code: {url: 'http://127.0.0.1:9/mcp', tool: keyword_search}\n"
    checked = checkups(tmp_path, configuration=route)["search_code"]
    (server, *_) = checked["backends"]
    assert (server["name"], server["answers"], checked["used"]) == ("mcp keyword_search", False, "embedded")
    assert "keyword_search" in server["said"]


def test_who_wants_a_service_alone_is_told_that_nothing_answers(tmp_path):
    configuration = "backends: {sourcegraph: remote}\nsourcegraph_url: 'http://127.0.0.1:9'\n"
    assert checkups(tmp_path, configuration=configuration)["search_code"]["used"] == "none"


def test_a_key_is_nowhere_in_what_is_told(tmp_path):
    done = doctor(tmp_path, "--offline", TAVILY_API_KEY="tvly-secret-1", OPENAI_API_KEY="sk-secret-2")
    assert done.returncode == 0
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "configuration", ["mcp: {serch_code: {url: 'http://127.0.0.1:9'}}", "backends: {tavly: remote}"]
)
def test_a_misspelt_name_is_refused_in_one_line(tmp_path, configuration):
    done = doctor(tmp_path, configuration=configuration)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Known:" in done.stderr


def test_probing_asks_each_model_of_the_settings_once(tmp_path):
    with FakeProvider("openai", ["yes"]) as sound, FakeProvider("anthropic", [Fault("key")]) as expired:
        configuration = (
            "providers:\n"
            f"  sound: {{model: 'openai:a', base_url: '{sound.base_url}', key: A_KEY}}\n"
            f"  expired: {{model: 'anthropic:b', base_url: '{expired.base_url}', key: A_KEY}}\n"
            "model: sound\n"
        )
        asked = checkups(tmp_path, "--probe", configuration=configuration, A_KEY="k")["chat model"]
        assert (len(sound.questions), len(expired.questions)) == (1, 1)
        unasked = checkups(tmp_path, configuration=configuration, A_KEY="k")["chat model"]
        assert (len(sound.questions), len(expired.questions)) == (1, 1)
    answers = {backend["name"]: backend["answers"] for backend in asked["backends"]}
    assert (asked["used"], answers["sound"], answers["expired"]) == ("sound", True, False)
    assert unasked["used"] == "sound"

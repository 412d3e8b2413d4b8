"""A command-line agent for tests: what it prints, and what it does instead.

    python agent.py BEHAVIOUR [ARGUMENTS …]

It tells what it was given: its arguments, its environment, its prompt.
"""

import json
import os
import subprocess
import sys
import time

behaviour, *arguments = sys.argv[1:]
prompt = "" if behaviour == "reads nothing" else sys.stdin.read()
told = {"prompt": prompt, "arguments": arguments, "environment": sorted(os.environ), "folder": os.listdir(".")}
if behaviour == "text":
    print(json.dumps(told))
elif behaviour == "json":
    print("Loading…\n" + json.dumps({"result": json.dumps(told), "session_id": "s-1"}))
elif behaviour == "jsonl":
    print(json.dumps({"type": "thread.started", "thread_id": "t-1"}))
    print("no event")
    print(json.dumps({"type": "item.completed", "item": {"type": "reasoning", "text": "hm"}}))
    print(json.dumps({"type": "item.completed", "item": {"type": "agent_message", "text": json.dumps(told)}}))
elif behaviour == "verdict":
    print('Here you are:\n```json\n{"winner": "b"}\n```')
elif behaviour == "long":
    print("a short one" if "Give its substance" in prompt else "x" * 100_000)
elif behaviour == "floods":
    while True:
        print("x" * 100_000)
elif behaviour == "complains":
    while True:
        print("x" * 100_000, file=sys.stderr)
elif behaviour == "tells its token":
    print("token refused:", os.environ["AGENT_TOKEN"], "." * 290, file=sys.stderr)
    sys.exit(2)
elif behaviour == "fails":
    print("not logged in", file=sys.stderr)
    sys.exit(2)
elif behaviour == "hangs":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, file=sys.stderr, flush=True)
    with open(os.path.join(os.environ["HOME"], "child"), "w") as file:
        file.write(str(child.pid))
    time.sleep(600)

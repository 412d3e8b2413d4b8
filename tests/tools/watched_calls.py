"""Call every tool in this process and print, as JSON, every address that was looked up or connected to.

    python watched_calls.py ARGUMENTS.json [offline] [web]

Python tells audit hooks of each look-up and connection before it is made, whichever library makes it.
"""

import asyncio
import json
import sys
from pathlib import Path

seen: list[list[str]] = []


def watch(event: str, details: tuple[object, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        seen.append([event, str(details[0])])
    elif event in ("socket.connect", "socket.sendto") and isinstance(details[1], tuple):
        seen.append([event, str(details[1][0])])


sys.addaudithook(watch)


async def main() -> None:
    from nonet import settings, tools
    from nonet.errors import NonetError

    told = settings.load(
        {"offline": "offline" in sys.argv or None, "web": "web" in sys.argv or None, "tool_seconds": 5}
    )
    outcomes: dict[str, str] = {}
    for name, arguments in json.loads(Path(sys.argv[1]).read_text()).items():
        try:
            result = await tools.call(name, tools.working(told), **arguments)
            outcomes[name] = f"{result.backend}: {len(result.items)}"
        except NonetError as error:
            outcomes[name] = f"{type(error).__name__}: {error}"
    print(json.dumps({"seen": seen, "outcomes": outcomes}))


asyncio.run(main())

"""``nonet consult``: the council asked outside a workflow."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from nonet.errors import ServiceError, StorageError, ToolError, UsageError


def consult(options: Namespace) -> int:
    """Ask, print what came of it, keep how often judges turned with the order; 0 even where no model has a seat."""
    from nonet import tools
    from nonet.cli.output import print_json
    from nonet.cli.verbs import settings_of
    from nonet.graphs.steps.consult import record
    from nonet.providers.secrecy import hidden, struck
    from nonet.tools.clink import council
    from nonet.tools.clink.clink import Clink
    from nonet.tools.clink.told import told

    settings = settings_of(options)
    given = {
        "prompt": options.question, "seats": options.seat, "role": options.role, "paths": options.path,
        "images": options.image, "continuation_id": options.continuation, "options": options.option,
    }  # fmt: skip
    try:
        arguments = Clink().parse(given)
        consulted = asyncio.run(council.consult(arguments.inquiry(), tools.working(settings)))
    except (ServiceError, StorageError):
        raise
    except ToolError as error:  # here a person wrote them
        raise UsageError(error.message, error.remedy) from error
    for judge, (pairs, flipped) in consulted.compared.flips().items() if consulted.compared else ():
        asked = str(struck(options.question, hidden(settings)))[:200]
        record.keep_comparisons(settings, record.Comparisons(seat=judge, question=asked, pairs=pairs, flipped=flipped))
    found = told(consulted, arguments.options, settings)
    if options.json:
        items = [item.model_dump(mode="json") for item in found.items]
        print_json(
            {
                "schema": 1,
                "backend": found.backend,
                "seats": consulted.asked,
                "failed": consulted.failed,
                "items": items,
                "note": found.note,
                "continuation": consulted.continuation or None,
                "tokens": consulted.tokens,
                "usd": consulted.usd,
            }
        )
        return 0
    if found.backend == "rules":
        print(found.note)
    for item in found.items:
        print(f"{item.reference}  {item.title}\n{item.excerpt}\n")
    if found.backend != "rules":
        print(found.note)
    return 0

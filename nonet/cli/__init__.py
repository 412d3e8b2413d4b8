"""The command line: thin verbs over the public calls.

Exit codes: 0 done or stopped by the budget, 1 a fault of ours or of the machine, 2 usage or input, 3 a target missed or
not shown (with ``--strict``), 4 a question that needs an answer.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from nonet.cli.parser import parse
    from nonet.errors import NonetError

    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    try:
        options = parse(words)
        return options.verb(options)
    except NonetError as error:
        if as_json:
            from nonet.cli.output import print_json
            from nonet.runs.result import failure

            print_json(failure(error))
        print(f"nonet: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("nonet: interrupted; the run can be resumed: nonet resume RUN", file=sys.stderr)
        return 130

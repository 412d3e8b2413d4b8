"""The command line: thin verbs over the public calls.

Exit codes: 0 done or stopped by the budget, 1 a fault of ours or of the machine, 2 usage or input, 3 a target missed or
not shown (with ``--strict``), 4 a question that needs an answer.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nonet.errors import NonetError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from nonet.cli.parser import parse
    from nonet.errors import NonetError, Stopped

    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = parse(words)
        return options.verb(options)
    except NonetError as error:
        _say(error, words)
        return error.exit_code
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        _say(Stopped("Interrupted.", "A run that had begun can be resumed: nonet runs"), words)
        return 130
    except Exception as error:
        traceback.print_exc()
        _say(NonetError(f"{type(error).__name__}: {error}".splitlines()[0], "This is a fault of ours."), words)
        return 1


def _say(error: NonetError, words: Sequence[str]) -> None:
    """Say what is wrong in one line on stderr, and as the one object on stdout where that was asked for."""
    if "--json" in words:
        from nonet.cli.output import print_json
        from nonet.runs.result import failure

        print_json(failure(error))
    print(f"nonet: {' '.join(str(error).split())}", file=sys.stderr)

"""One worker for designs that read the same stages and reach the same places, such as one design's refinements.

Starting an interpreter and importing what a project needs costs more than running a small design. Designs that differ
in nothing a worker is confined by run one after the other in one; whoever fails takes it along, so that the next
begins in a fresh one. The peak of memory is that of all before it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from nonet.state import Json
from nonet.trials.worker import Worker

Start = Callable[[Path], Worker]


class SharedWorker:
    """Lends one worker after the other; a context manager that ends the last.

    Args:
        aside: lends an empty folder, the one place a worker may write.
    """

    def __init__(self, aside: Callable[[], AbstractContextManager[Path]]) -> None:
        self._aside = aside
        self._within: object = None
        self._open = ExitStack()
        self._lent: tuple[Worker, Path] | None = None

    def __enter__(self) -> SharedWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    @contextmanager
    def opened(
        self, within: object, start: Start, design: Mapping[str, Json], stages: Mapping[str, Path]
    ) -> Generator[tuple[Worker, Path]]:
        """Open a design's system; another worker is started where ``within`` is not that of the last design.

        Args:
            within: all that a worker is confined by.
            start: starts one that writes into a folder.
            design: what is opened.
            stages: stage name → folder.

        Raises:
            TrialError: it cannot be opened.
        """
        if self._lent is None or within != self._within:
            self._end()
            scratch = self._open.enter_context(self._aside())
            self._lent, self._within = (self._open.enter_context(start(scratch)), scratch), within
        try:
            named: dict[str, Json] = {name: str(path) for name, path in stages.items()}
            self._lent[0].call("open", design=dict(design), stages=named)
            yield self._lent
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self._lent = None
        self._open.close()

"""The embedding services that a run's designs name: how a trial's worker asks them."""

from __future__ import annotations

from nonet.errors import NonetError, TrialError
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.spending import spending
from nonet.providers.embedding import resolve
from nonet.providers.embedding_gateway import EmbeddingGateway
from nonet.trials.access import Grant

PREFIX = "EMBEDDING"


class EmbeddingServices:
    """Opens a gateway for each service that a run's designs name; they close when this is dropped."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: dict[str, EmbeddingGateway] = {}

    def __call__(self, name: str) -> Grant:
        """Return what a worker gets that may ask a service: its gateway's host, and how to ask there.

        Raises:
            TrialError: the service cannot be asked.
        """
        if name not in self._open:
            try:
                provider = resolve(self._desk.settings, name)
                self._open[name] = EmbeddingGateway(self._desk.settings, provider, spending(self._desk))
            except NonetError as error:
                raise TrialError(f"The design asks an embedding service: {error.message}") from error
        gateway = self._open[name]
        variables = {f"{PREFIX}_URL": gateway.url, f"{PREFIX}_KEY": gateway.token}
        return Grant(hosts=(f"tcp://{gateway.host}",), variables=variables)

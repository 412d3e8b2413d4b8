"""How a trial's worker asks the chat models and embedding services that a run's designs name: through the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nonet.errors import NonetError, TrialError
from nonet.graphs.steps import question_model
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.spending import spending
from nonet.providers import embedding, provider
from nonet.providers.embedding_gateway import EmbeddingGateway
from nonet.providers.gateway import Gateway
from nonet.trials.access import Grant

EMBEDDING = "EMBEDDING"


class _Gateway(Protocol):
    host: str
    token: str
    url: str


class Gateways:
    """Opens a gateway for each name that a run's designs give; they close when this is dropped.

    Args:
        make: opens one by its name.
        what: is asked, for whom it cannot be asked.
        prefix: of the variables that tell a worker where and with which token to ask.
    """

    def __init__(self, make: Callable[[str], _Gateway], what: str, prefix: str) -> None:
        self._make, self._what, self._prefix = make, what, prefix
        self._open: dict[str, _Gateway] = {}

    def __call__(self, name: str) -> Grant:
        """Return what a worker gets that may ask: its gateway's host, and how to ask there.

        Raises:
            TrialError: it cannot be asked.
        """
        if name not in self._open:
            try:
                self._open[name] = self._make(name)
            except NonetError as error:
                raise TrialError(f"The design asks {self._what}: {error.message}") from error
        gateway = self._open[name]
        variables = {f"{self._prefix}_URL": gateway.url, f"{self._prefix}_KEY": gateway.token}
        return Grant(hosts=(f"tcp://{gateway.host}",), variables=variables)


def chat_models(desk: Desk) -> Gateways:
    """Return the gateways to chat models."""

    def make(name: str) -> Gateway:
        return Gateway(desk.settings, provider.resolve(desk.settings, name), spending(desk))

    return Gateways(make, "a chat model", question_model.PREFIX)


def embedding_services(desk: Desk) -> Gateways:
    """Return the gateways to embedding services."""

    def make(name: str) -> EmbeddingGateway:
        return EmbeddingGateway(desk.settings, embedding.resolve(desk.settings, name), spending(desk))

    return Gateways(make, "an embedding service", EMBEDDING)

"""The HTTP server: /health, /ask, /search."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from rag import chat
from rag.settings import Settings
from rag.system import answer_cache, open_shipped

Text = Annotated[str, Field(min_length=1, max_length=10_000)]


class Ask(BaseModel):
    """A question to answer."""

    question: Text


class Search(BaseModel):
    """A question to find documents for."""

    question: Text
    k: int = Field(default=10, ge=1, le=100)


def application(settings: Settings) -> FastAPI:
    """Open the index once and return the application.

    Raises:
        IndexMissingError: the index is not built for this design.
    """
    system = open_shipped(settings)
    model = chat.configured()
    cache = answer_cache(settings, model)
    app = FastAPI(title="rag")

    # Plain functions: FastAPI runs them on threads, so that one question does not hold up the others.
    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "generates": model is not None, "design": settings.design.json()}

    @app.post("/ask")
    def ask(request: Ask) -> dict[str, Any]:
        return asdict(system.ask_cached(request.question, model, cache))

    @app.post("/search")
    def search(request: Search) -> dict[str, Any]:
        found = system.search(request.question).docs[: request.k]
        return {"question": request.question, "docs": [{"doc": doc, "score": round(score, 6)} for doc, score in found]}

    return app

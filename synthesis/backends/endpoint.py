"""The backend that asks OpenAI-compatible servers which run elsewhere, such as `vllm serve`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from synthesis.calls import Caller
from synthesis.client import Client
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions
from synthesis.recipe import Recipe


class EndpointBackend(Recipe):
    """Options of the backend.

    Attributes:
        kind: names the backend in the configuration.
        models: that the tasks name.
    """

    kind: Literal["endpoint"] = "endpoint"
    models: tuple[ModelOptions, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _models_are_there(self) -> "EndpointBackend":
        there = [one.name for one in self.models]
        for name in sorted(self.names() - set(there)):
            raise ValueError(f"{name!r} is asked, and is none of the models {', '.join(there)}")
        return self

    def served(self, name: str) -> str:
        """See `Recipe.served`."""
        return {one.name: one.served for one in self.models}[name]

    @asynccontextmanager
    async def caller(self, ledger: Path) -> AsyncIterator[Caller]:
        """What answers a worker's calls, with the ledger in the file `ledger` before it."""
        with Ledger(ledger) as calls:
            async with Client(self.models, calls) as client:
                yield client

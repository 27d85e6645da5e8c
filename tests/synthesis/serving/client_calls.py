"""Calls for tests of the client."""

import asyncio
from dataclasses import replace
from typing import Any

from synthesis.calls import Request, Sampling
from synthesis.client import Client
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions

SHORT = (0.001, 0.01)
"""Pauses between attempts, in seconds."""


def options(url: str, **other: Any) -> ModelOptions:
    usual = {"name": "judge-1", "model": "m", "url": url, "timeout_s": 5.0, "deadline_s": 20.0, "patience_s": 20.0}
    return ModelOptions(**(usual | other))


def request(text: str = "Which is better?", **other: Any) -> Request:
    usual = Request("judge", "pair-1", "m", (("user", text),), Sampling(0.8, 0.95, 64, 7))
    return replace(usual, **other)


def ask(model: ModelOptions, ledger: Ledger, *requests: Request) -> list[Any]:
    """Answers, or what was raised, of requests asked at once."""

    async def all_of_them() -> list[Any]:
        async with Client([model], ledger, SHORT) as client:
            return await asyncio.gather(*(client.ask(one) for one in requests), return_exceptions=True)

    return asyncio.run(all_of_them())


def one(model: ModelOptions, ledger: Ledger, asked: Request | None = None) -> Any:
    return ask(model, ledger, asked or request())[0]

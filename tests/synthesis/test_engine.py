"""The engine backend: a server is started when a call first needs it, and ends with the worker."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from model_server import says
from model_server import serving as loopback

from schemas.config import validate
from schemas.errors import ConfigError
from synthesis.backends import engine
from synthesis.backends.engine import EngineBackend, EngineModel
from synthesis.calls import Request, Sampling
from synthesis.recipe import JudgeOptions
from synthesis.serving import Interpreter, ServeOptions

ASKED = Request("judge", "r", "org/model", (("user", "?"),), Sampling(0.0, 1.0, 5, 1))


@dataclass
class Started:
    """Servers by name, and whether each runs."""

    running: dict[str, bool]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Puts test servers in vLLM's place."""
    seen = Started({})

    @contextmanager
    def serving(options: ServeOptions) -> Iterator[object]:
        with loopback(says("yes")) as server:
            seen.running[options.model] = True
            try:
                yield server
            finally:
                seen.running[options.model] = False

    monkeypatch.setattr(engine, "serving", serving)
    return seen


def backend() -> EngineBackend:
    return EngineBackend(
        models=(EngineModel(model="org/model"), EngineModel(model="/models/other", name="other")),
        judge=JudgeOptions(models=("org/model", "other")),
    )


def test_a_server_starts_with_the_first_call_and_ends_with_the_caller(started: Started, tmp_path: Path) -> None:
    async def work() -> None:
        async with backend().caller(tmp_path / "calls.sqlite") as caller:
            assert started.running == {}
            answers = await asyncio.gather(caller.ask(ASKED), caller.ask(ASKED))
            assert [answer.text for answer in answers] == ["yes", "yes"]
            assert started.running == {"org/model": True}

    asyncio.run(work())
    assert started.running == {"org/model": False}


def test_a_full_ledger_starts_none(started: Started, tmp_path: Path) -> None:
    async def work() -> str:
        async with backend().caller(tmp_path / "calls.sqlite") as caller:
            return (await caller.ask(ASKED)).text

    assert asyncio.run(work()) == "yes"
    started.running.clear()
    assert asyncio.run(work()) == "yes"
    assert started.running == {}


def test_servers_end_where_the_work_fails(started: Started, tmp_path: Path) -> None:
    async def work() -> None:
        async with backend().caller(tmp_path / "calls.sqlite") as caller:
            await caller.ask(ASKED)
            raise RuntimeError("the pipeline failed")

    with pytest.raises(RuntimeError, match="the pipeline failed"):
        asyncio.run(work())
    assert started.running == {"org/model": False}


def test_the_packaged_model_is_made_first(started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "packaged_model", lambda cache, python: cache / f"made by {python}")
    monkeypatch.setattr(engine, "interpreter", lambda given: Interpreter(str(given), True))
    packaged = EngineModel(model="smollm2-135m", python="py")
    one = EngineBackend(models=(packaged,), judge=JudgeOptions(models=("smollm2-135m",)), cache=str(tmp_path))

    async def work() -> str:
        async with one.caller(tmp_path / "calls.sqlite") as caller:
            return (await caller.ask(replace(ASKED, model="smollm2-135m"))).text

    assert asyncio.run(work()) == "yes"
    assert started.running == {f"{tmp_path}/made by py": False}


def test_a_model_that_is_not_served_is_refused() -> None:
    options = {"kind": "engine", "models": [{"model": "org/model"}], "judge": {"models": ["model"]}}
    with pytest.raises(ConfigError, match="'model' is asked, and is none of the models org/model"):
        validate(EngineBackend, options, "run.yaml")

"""The backend that starts vLLM on the worker's own machine, asks it, and stops it when the worker is done."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from synthesis.calls import Caller
from synthesis.client import Client
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions
from synthesis.packaged_model import NAME, packaged_model
from synthesis.recipe import Recipe
from synthesis.serving import ServeOptions, interpreter, serving


class EngineModel(ServeOptions):
    """A model that the worker serves to itself.

    Attributes:
        max_concurrency: calls in flight at once.
        timeout_s: of one attempt.
        deadline_s: of one call with all its attempts.
    """

    max_concurrency: int = Field(default=256, ge=1)
    timeout_s: float = Field(default=600.0, gt=0)
    deadline_s: float = Field(default=1800.0, gt=0)

    @property
    def called(self) -> str:
        """What tasks and calls name it."""
        return self.name or self.model


class EngineBackend(Recipe):
    """Options of the backend.

    Attributes:
        kind: names the backend in the configuration.
        models: that the tasks name, a server each; one is started when a call first needs it. The model
            `smollm2-135m` is made from its package.
        cache: folder that it is made in; `~` is the home folder.
    """

    kind: Literal["engine"] = "engine"
    models: tuple[EngineModel, ...] = Field(min_length=1)
    cache: str = "~/.cache/themis"

    @model_validator(mode="after")
    def _models_are_there(self) -> "EngineBackend":
        there = [one.called for one in self.models]
        for name in sorted(self.names() - set(there)):
            raise ValueError(f"{name!r} is asked, and is none of the models {', '.join(there)}")
        return self

    @asynccontextmanager
    async def caller(self, ledger: Path) -> AsyncIterator[Caller]:
        """What answers a worker's calls; its servers end with it, also where the worker is killed."""
        by_name = {one.called: one for one in self.models}
        asked = [
            ModelOptions(
                name=f"model-{number}", model=one.called, max_concurrency=one.max_concurrency, timeout_s=one.timeout_s,
                deadline_s=one.deadline_s,
            )
            for number, one in enumerate(self.models)
        ]  # fmt: skip
        with ExitStack() as servers, Ledger(ledger) as calls:

            def locate(name: str) -> str:
                return servers.enter_context(serving(self._found(by_name[name]))).url

            async with Client(asked, calls, locate=locate) as client:
                yield client

    def _found(self, model: EngineModel) -> EngineModel:
        """The model with the folder of its checkpoint, where it is the packaged one."""
        if model.model != NAME or Path(NAME).exists():
            return model
        folder = packaged_model(Path(self.cache).expanduser(), interpreter(model.python).path)
        return model.model_copy(update={"model": str(folder), "name": model.called})

"""How a judge's words are got: from a causal language model in this process, or from an OpenAI-compatible server."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field, model_validator

from pipeline.evaluation.scorers.judging.local import Drawn, LocalModel, Weights, load_local
from pipeline.evaluation.scorers.judging.prompts import TEMPLATES, Conversation, Messages, Prompt, load_prompt
from pipeline.evaluation.scorers.judging.served import ServedModel
from pipeline.evaluation.scorers.judging.verdicts import read_score
from pipeline.evaluation.scorers.loading import LocalOptions
from schemas.errors import ConfigError
from synthesis.models import ModelOptions


class Speaker(Protocol):
    """A language model, wherever it runs."""

    def say(self, conversations: Sequence[Conversation]) -> list[str | None]:
        """What it says to each; None where it does not end within its bounds."""

    def weigh(
        self, conversations: Sequence[Conversation], groups: Sequence[Sequence[str]], last: bool = False
    ) -> list[Weights | None]:
        """Log-probability of each group of words at one place."""


class ServerOptions(ModelOptions):
    """Where a judge is served; its name on the server is what `load` is given.

    Attributes:
        name: what messages call it.
    """

    name: str = Field(default="judge", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


class GenerationOptions(LocalOptions):
    """What every judge may be told.

    A published model wants its own prompt: give it in `template_file` (see `judging.prompts`), and the texts of its
    criteria in `system_file`. The templates that are used otherwise are our own words.

    Attributes:
        server: an OpenAI-compatible server that serves the model; None loads it into this process.
        ledger: file in which every call is kept; `~` is the home folder.
        template_file: Jinja template of the conversation, in place of ours.
        temperature: 0 is greedy.
        top_p: nucleus.
        top_k: likeliest tokens that may be drawn; 0 for all. Not every server knows it.
        min_p: least probability of a token that may be drawn, as a share of the likeliest one's; likewise.
        max_new_tokens: of an answer; one that does not end within them has no score.
        seed: of the draws.
        thinking: told to the chat template as `enable_thinking`; None tells nothing.
    """

    server: ServerOptions | None = None
    ledger: str = "~/.cache/themis/judges.sqlite"
    template_file: Path | None = None
    temperature: float = Field(default=0.0, ge=0, le=10)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    min_p: float = Field(default=0.0, ge=0, le=1)
    max_new_tokens: int = Field(default=1024, ge=1)
    seed: int = Field(default=0, ge=0, lt=2**31)
    thinking: bool | None = None

    def drawn(self) -> Drawn:
        """How words are drawn."""
        return Drawn(
            self.temperature, self.top_p, self.top_k, self.min_p, self.max_new_tokens, self.seed, self.thinking
        )

    def local(self, model: str) -> LocalModel:
        """The model in the folder or of the hub id `model`, in this process.

        Raises:
            ConfigError: see `load_local`.
        """
        return load_local(model, self, self.drawn())

    def served(self, model: str, floor: float | None = None) -> ServedModel:
        """The model that the server knows as `model`.

        Raises:
            ConfigError: no server is given.
        """
        if self.server is None:
            raise ConfigError("server: is not given. Set server.url to the address of the API, such as http://HOST/v1.")
        placed = self.server.model_copy(update={"model": model})
        return ServedModel(placed, Path(self.ledger).expanduser(), self.drawn(), floor)

    def speaker(self, model: str) -> LocalModel | ServedModel:
        """The model, wherever the options say that it is.

        Args:
            model: folder or hub id of a checkpoint, or the model's name on the server.

        Raises:
            ConfigError: it is no causal language model with a chat template.
        """
        return self.local(model) if self.server is None else self.served(model)

    def prompt(self, ours: str, extra: tuple[Path, ...] = ()) -> Prompt:
        """The user's template, else ours.

        Args:
            ours: name of a file in `templates`.
            extra: other templates of the same conversation.

        Raises:
            ConfigError: the user's file can't be read, or is no template.
        """
        return load_prompt(self.template_file or TEMPLATES / ours, extra)

    def fill(self, prompt: Prompt, criterion: str, texts: dict[str, str], **values: object) -> Messages:
        """The messages of one question by one criterion, under the options' system prompt.

        Raises:
            ConfigError: the template fails, or the system prompt's file lacks the criterion.
        """
        return prompt.messages(criterion, self.system_of(criterion), texts, own=self.system == "own", **values)


class ScaleOptions(GenerationOptions):
    """A judge that writes a score.

    Attributes:
        form: how it writes it, see `judging.verdicts`.
        low: end of the scale, included.
        high: the other end, included; what is outside is no score.
    """

    form: Literal["line", "json", "boxed"] = "json"
    low: float = Field(default=1.0, allow_inf_nan=False)
    high: float = Field(default=5.0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _scale(self) -> "ScaleOptions":
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        return self

    def read(self, said: str | None) -> float | None:
        """The score in a judge's words; None where there is none."""
        return None if said is None else read_score(said, self.form, self.low, self.high)

    @property
    def scale(self) -> dict[str, object]:
        """What a template is told of the scale."""
        return {"form": self.form, "low": f"{self.low:g}", "high": f"{self.high:g}"}

"""What a scorer is, and the options that every one has: one file an architecture, each with its options model.

An options model loads its scorer: `SequenceClassificationOptions().load("RUN/models/nano")`. A scorer is pointwise
(`Scorer`: a score an answer) or pairwise (`PairScorer`: two answers at once); the benchmark loop takes either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal, Protocol, TypeAlias

from pydantic import Field

from schemas.config import Options, read_yaml
from schemas.conversation import system_prompt, system_prompt_all
from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SystemFile:
    """System prompts by criterion.

    Attributes:
        path: for the error.
        texts: key of a criterion, or `default`, to the text.
    """

    path: Path
    texts: dict[str, str]

    def __getitem__(self, criterion: str) -> str:
        """The criterion's text, else `default`.

        Raises:
            ConfigError: there is neither.
        """
        found = self.texts.get(criterion, self.texts.get("default"))
        if found is None:
            raise ConfigError(f"{self.path}: has neither {criterion} nor default. Add one.")
        return found.strip()


@cache
def system_file(path: Path | None) -> SystemFile:
    """System prompts of a checkpoint of others, read once.

    Raises:
        ConfigError: no file is named, or it is no YAML mapping of texts.
    """
    if path is None:
        raise ConfigError("system: file: names no file. Set system_file to a YAML mapping of criterion to text.")
    texts = read_yaml(path)
    wrong = [key for key, value in texts.items() if not isinstance(value, str)]
    if wrong:
        raise ConfigError(f"{path}: {', '.join(map(str, wrong))}: must be texts.")
    return SystemFile(path, texts)


Score: TypeAlias = float | None
"""None where the model gave no score: an answer that can't be parsed, a call that failed."""


class Scorer(Protocol):
    """Scores answers; higher is better."""

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> Sequence[Score]:
        """One score an answer, in the order given; what else is in the call changes none of them.

        Args:
            prompts: the user's messages.
            answers: one answer a prompt.
            criteria: key of the criterion to score by, one a prompt.
        """


class PairScorer(Protocol):
    """Compares two answers."""

    def compare(
        self, prompts: Sequence[str], firsts: Sequence[str], seconds: Sequence[str], criteria: Sequence[str]
    ) -> Sequence[tuple[float, float] | None]:
        """(first's, second's) score of each prompt; None where there is none. Swapping the answers swaps the scores.

        Args:
            prompts: the user's messages.
            firsts: one answer a prompt.
            seconds: the other one.
            criteria: key of the criterion to compare by, one a prompt.
        """


class ScorerOptions(Options):
    """What every scorer may be told. A subclass has a `kind` and `load(model) -> Scorer | PairScorer`.

    Attributes:
        system: which system prompt: none, the criterion's own, all criteria in one, or the model's `system_file`.
        system_file: YAML mapping of criterion key (or `default`) to a text, for a checkpoint with prompts of its own.
        batch_tokens: tokens of a batch, padding counted, at most; one conversation may have more.
        max_tokens: longest conversation; of a longer one the beginning is left out.
        padding: side.
        attention: backend of attention, as transformers names it.
        dtype: of the weights.
        device: such as `cpu` or `cuda:0`.
        trust_remote_code: run code that the checkpoint brings; off unless you have read it.
    """

    system: Literal["none", "own", "all", "file"] = "own"
    system_file: Path | None = None
    batch_tokens: int = Field(default=16_384, ge=1)
    max_tokens: int = Field(default=32_768, ge=2)
    padding: Literal["left", "right"] = "right"
    attention: Literal["eager", "sdpa", "flash_attention_2"] = "sdpa"
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    device: str = "cpu"
    trust_remote_code: bool = False

    def system_of(self, criterion: str) -> str | None:
        """The system prompt for a criterion; of all criteria, in one fixed order.

        Raises:
            ConfigError: the mode is `file` and the file has neither the criterion nor `default`.
        """
        if self.system == "none":
            return None
        if self.system == "own":
            return system_prompt(criterion)
        if self.system == "all":
            return system_prompt_all(Random("all"))
        return system_file(self.system_file)[criterion]

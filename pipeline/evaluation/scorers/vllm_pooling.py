"""A reward model on a running vLLM server: the raw reward at the last token, asked for over HTTP.

The server holds the weights, we hold the tokenizer: every conversation is rendered by the checkpoint's own chat
template here and sent as token ids, so that neither a template nor an end token of the server's can differ.

    themis serve-model RUN/models/nano -- --runner pooling --dtype float32
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from pipeline.evaluation import pooling
from pipeline.evaluation.pooling import Asked
from pipeline.evaluation.scorers.base import Score, ScorerOptions
from pipeline.evaluation.scorers.encoding import conversations
from pipeline.training.extra import require_train_extra
from schemas.errors import ConfigError
from synthesis.models import ModelOptions

FEWEST_TO_DOUBT = 8
"""Rewards that all lie between 0 and 1, from this number on, may be probabilities: one is asked for again."""


@dataclass(frozen=True, slots=True)
class VllmPooling:
    """A model on a server that was there when the scorer was loaded.

    Attributes:
        tokenizer: of the checkpoint, with a chat template.
        options: of scoring.
        server: where the model is, and its name there.
        window: tokens that the server takes at most; None where it does not say.
        pauses_s: between attempts, random, the first up to the one number, doubling up to the other.
    """

    tokenizer: Any
    options: "VllmPoolingOptions"
    server: ModelOptions
    window: int | None
    pauses_s: tuple[float, float] = (0.5, 30.0)

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[Score]:
        """Raw rewards; None where the server gave no usable answer in `deadline_s`.

        Each conversation is a request of its own, so what else is in the call changes no request.

        Raises:
            ConfigError: a conversation is longer than the server's window, or what comes back is no raw reward.
            CallRefused: the server refuses a conversation, such as for a token that its model does not have.
            ServerUnavailable: it is gone, or answers as another model.
        """
        rows = self._rows(prompts, answers, criteria)
        if not rows:
            return []
        given = asyncio.run(pooling.scores([Asked(row) for row in rows], self.server, self.pauses_s))
        found = [score for score in given if score is not None]
        if not self.options.bounded and len(found) >= FEWEST_TO_DOUBT and all(0 < score < 1 for score in found):
            self._doubt(rows[given.index(found[0])], found[0])
        return given

    def _rows(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[list[int]]:
        """Token ids of each conversation; of one with more than `max_tokens` the last of them."""
        rows = conversations(self.tokenizer, self.options, prompts, answers, criteria)
        long = [len(row) for row in rows if self.window is not None and len(row) > self.window]
        if long:
            raise ConfigError(
                f"{self.server.url}: {len(long)} of {len(rows)} conversations have more than {self.window} tokens, the "
                f"server's window; the longest has {max(long)}. Start the server with a larger --max-model-len, or "
                f"set max_tokens to {self.window}, which leaves the beginning of a longer one out."
            )
        return rows

    def _doubt(self, row: list[int], raw: float) -> None:
        """Raises `ConfigError` where the reward comes out the same with the activation that we ask to leave out."""
        (activated,) = asyncio.run(pooling.scores([Asked(row, activated=True)], self.server, self.pauses_s))
        if activated is not None and abs(activated - raw) < 1e-6:
            raise ConfigError(
                f"{self.server.url}: every score lies between 0 and 1, with `use_activation` and without: this server "
                "does not know that field and gives probabilities. Use vLLM 0.32 or later; set bounded to true where "
                "the checkpoint's own rewards are between 0 and 1."
            )


class VllmPoolingOptions(ScorerOptions):
    """A checkpoint that a vLLM server with `--runner pooling` serves; padding, batches and weights are the server's.

    Attributes:
        url: of the server's API, up to and with `/v1`.
        served: the model's name on its server; empty for the checkpoint as given, or the last part of it.
        api_key_env: environment variable that holds the key.
        max_concurrency: requests in flight at once.
        timeout_s: of one attempt.
        deadline_s: of one conversation with all its attempts.
        patience_s: how long no request at all may succeed before the server counts as gone.
        bounded: whether the checkpoint's own raw rewards all lie between 0 and 1.
    """

    kind: Literal["vllm_pooling"] = "vllm_pooling"
    url: str = Field(default="http://127.0.0.1:8000/v1", pattern=r"^https?://[^@\s?#]+$")
    served: str = ""
    api_key_env: str | None = None
    max_concurrency: int = Field(default=32, ge=1)
    timeout_s: float = Field(default=120.0, gt=0)
    deadline_s: float = Field(default=600.0, gt=0)
    patience_s: float = Field(default=120.0, gt=0)
    bounded: bool = False

    def load(self, model: str) -> VllmPooling:
        """The checkpoint's tokenizer, and the server that is to have its weights.

        Args:
            model: folder of the checkpoint.

        Raises:
            ConfigError: the extra `train` is missing, the folder has no tokenizer with a chat template, or the server
                lists another model.
            ServerUnavailable: it does not answer.
        """
        require_train_extra()
        from transformers import AutoTokenizer

        path = Path(model)
        if not (path / "tokenizer_config.json").is_file():
            raise ConfigError(f"{path}: holds no tokenizer_config.json. Give the folder of the served checkpoint.")
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=self.trust_remote_code)
        if not tokenizer.chat_template:
            raise ConfigError(f"{path}: the tokenizer has no chat template. Save one with it, as chat_template.jinja.")
        names = [self.served] if self.served else [model, path.name]
        server = ModelOptions(
            name="pooling", model=names[-1], url=self.url.rstrip("/"), api_key_env=self.api_key_env,
            max_concurrency=self.max_concurrency, timeout_s=self.timeout_s, deadline_s=self.deadline_s,
            patience_s=self.patience_s,
        )  # fmt: skip
        listed = asyncio.run(pooling.served_models(server))
        found = next((name for name in names if name in listed), None)
        if found is None:
            raise ConfigError(
                f"{self.url}: serves {', '.join(listed) or 'nothing'}, not {' or '.join(names)}. Set served to the "
                "model's name there, or url to its server."
            )
        return VllmPooling(tokenizer, self, server.model_copy(update={"model": found}), listed[found])

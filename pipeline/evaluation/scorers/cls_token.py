"""A linear head at a special token that follows the conversation (Athene: the tokenizer's CLS token)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from pipeline.evaluation.scorers.base import ScorerOptions
from pipeline.evaluation.scorers.encoding import conversations, hidden_states
from pipeline.evaluation.scorers.heads import Head, read_head
from pipeline.evaluation.scorers.loading import LocalOptions, checkpoint, load_backbone, load_tokenizer
from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ClsToken:
    """A loaded checkpoint.

    Attributes:
        model: without a head.
        tokenizer: with a chat template.
        head: on the special token's hidden state.
        token: id of the special token.
        options: of scoring; one of `max_tokens` is left for the special token.
    """

    model: Any
    tokenizer: Any
    head: Head
    token: int
    options: ScorerOptions

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        """Rewards."""
        shorter = self.options.model_copy(update={"max_tokens": self.options.max_tokens - 1})
        rows = [[*row, self.token] for row in conversations(self.tokenizer, shorter, prompts, answers, criteria)]
        if not rows:
            return []
        hidden_BH = hidden_states(self.model, rows, [[len(row) - 1] for row in rows], self.options)[:, 0]
        scores_B: list[float] = self.head(hidden_BH)[:, 0].tolist()
        return scores_B


class ClsTokenOptions(LocalOptions):
    """The special token and the head.

    Attributes:
        head: name of the linear layer in the weights, without `.weight`.
        token: id of the special token; None for the tokenizer's CLS token.
    """

    kind: Literal["cls_token"] = "cls_token"
    head: str = "v_head"
    token: int | None = Field(default=None, ge=0)

    def load(self, model: str) -> ClsToken:
        """Load a checkpoint.

        Args:
            model: folder of the checkpoint, or a hub id.

        Raises:
            ConfigError: the extra `train` is missing, there is no checkpoint, weights are missing (named) or of
                another shape, there is no chat template, or no special token of that id.
        """
        found = checkpoint(model, self)
        tokenizer = load_tokenizer(found, self)
        token = tokenizer.cls_token_id if self.token is None else self.token
        if token is None:
            raise ConfigError(f"{found.folder}: the tokenizer has no CLS token. Give the id of one as `token`.")
        backbone = load_backbone(found, self)
        text = backbone.config.get_text_config()
        if token >= text.vocab_size:
            raise ConfigError(f"{found.folder}: token: {token}: the vocabulary has {text.vocab_size}. Write one below.")
        head = read_head(found.folder, (self.head,), text.hidden_size, 1)
        return ClsToken(backbone, tokenizer, head, int(token), self)

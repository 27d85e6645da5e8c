"""A linear head at the last token of a backbone whose checkpoint has a layout of its own.

The published ones: a regression head on a plain backbone (Eurus, UltraRM), a backbone under another name (Starling),
and InternLM2, whose layers have other names and fused projections and whose reward is read at an appended token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.evaluation.scorers.base import ScorerOptions
from pipeline.evaluation.scorers.encoding import conversations, hidden_states
from pipeline.evaluation.scorers.heads import Head, read_head
from pipeline.evaluation.scorers.layouts import load_internlm2, load_prefixed
from pipeline.evaluation.scorers.loading import Checkpoint, LocalOptions, checkpoint, load_backbone, load_tokenizer
from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class LastToken:
    """A loaded checkpoint.

    Attributes:
        model: without a head.
        tokenizer: with a chat template.
        head: on the last token's hidden state.
        end: id of the token that every conversation must end with; None for none.
        options: of scoring.
    """

    model: Any
    tokenizer: Any
    head: Head
    end: int | None
    options: ScorerOptions

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        """Rewards."""
        rows = conversations(self.tokenizer, self.options, prompts, answers, criteria)
        if self.end is not None:
            rows = [row if row[-1] == self.end else [*row, self.end][-self.options.max_tokens :] for row in rows]
        if not rows:
            return []
        hidden_BH = hidden_states(self.model, rows, [[len(row) - 1] for row in rows], self.options)[:, 0]
        scores_B: list[float] = self.head(hidden_BH)[:, 0].tolist()
        return scores_B


class LastTokenOptions(LocalOptions):
    """The layout of the checkpoint.

    Attributes:
        head: name of the linear layer in the weights, without `.weight`.
        layout: of the backbone: `standard` as transformers writes it, `prefixed` the same under `prefix`, `internlm2`.
        prefix: of the backbone's names, in the layout `prefixed`.
        end_key: key of config.json that has the id of a token to end every conversation with; empty for none.
    """

    kind: Literal["last_token"] = "last_token"
    head: str = "regression_head"
    layout: Literal["standard", "prefixed", "internlm2"] = "standard"
    prefix: str = "transformer."
    end_key: str = ""

    def load(self, model: str) -> LastToken:
        """Load a checkpoint.

        Args:
            model: folder of the checkpoint, or a hub id.

        Raises:
            ConfigError: the extra `train` is missing, there is no checkpoint, weights are missing (named) or of
                another shape, config.json lacks `end_key`, or there is no chat template.
        """
        found = checkpoint(model, self)
        end = self._end(found)
        tokenizer = load_tokenizer(found, self)
        options: LastTokenOptions = self
        if self.layout == "internlm2":
            backbone = load_internlm2(found, self)
            longest = min(self.max_tokens, backbone.config.max_position_embeddings)
            options = self.model_copy(update={"max_tokens": longest})
        elif self.layout == "prefixed":
            backbone = load_prefixed(found, self, self.prefix)
        else:
            backbone = load_backbone(found, self)
        size = backbone.config.get_text_config().hidden_size
        return LastToken(backbone, tokenizer, read_head(found.folder, (self.head,), size, 1), end, options)

    def _end(self, found: Checkpoint) -> int | None:
        if not self.end_key:
            return None
        value = found.config.get(self.end_key)
        if not isinstance(value, int) or not 0 <= value < found.config.get("vocab_size", value + 1):
            raise ConfigError(f"{found.folder}: config.json: {self.end_key} is {value!r}, must be the id of a token.")
        return value

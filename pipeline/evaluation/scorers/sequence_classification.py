"""Any `AutoModelForSequenceClassification` checkpoint: one of its labels at the last token is the reward."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from pipeline.evaluation.scorers.base import ScorerOptions
from pipeline.evaluation.scorers.encoding import batches, conversations, padded, run
from pipeline.evaluation.scorers.loading import (
    Checkpoint,
    LocalOptions,
    checkpoint,
    load_model,
    load_tokenizer,
    ships_code,
)
from schemas.errors import ConfigError

__all__ = ["SequenceClassification", "SequenceClassificationOptions", "batches"]


@dataclass(frozen=True, slots=True)
class SequenceClassification:
    """A loaded checkpoint.

    Attributes:
        model: in evaluation mode.
        tokenizer: with a chat template.
        options: of scoring.
        label: index of the logit that is the reward.
    """

    model: Any
    tokenizer: Any
    options: ScorerOptions
    label: int = 0

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        """Raw rewards; the batch that an answer falls in changes nothing."""
        import torch

        rows = conversations(self.tokenizer, self.options, prompts, answers, criteria)
        if not rows:
            return []
        pad = self._pad(rows)
        self.model.config.get_text_config().pad_token_id = pad
        scores = [0.0] * len(rows)
        with torch.inference_mode():
            for batch in batches([len(row) for row in rows], self.options.batch_tokens):
                inputs, _ = padded([rows[i] for i in batch], pad, self.options.padding)
                logits_BL = run(self.model, inputs).logits
                for i, score in zip(batch, logits_BL[:, self.label].float().tolist(), strict=True):
                    scores[i] = score
        return scores

    def _pad(self, rows: Sequence[Sequence[int]]) -> int:
        """The padding token, or any token that no row holds.

        transformers reads the reward at the last token that is not padding: where padding is the end token, or is
        missing, that would be another token than the last one of the conversation.
        """
        own, used = self.tokenizer.pad_token_id, set().union(*rows)
        if own is not None and own not in used:
            return int(own)
        size = self.model.config.get_text_config().vocab_size
        return next(token for token in range(size - 1, -1, -1) if token not in used)


class SequenceClassificationOptions(LocalOptions):
    """A checkpoint that transformers loads with a head of labels.

    Attributes:
        label: index of the logit that is the reward, for a checkpoint with several, such as one an attribute;
            None for a checkpoint with one.
    """

    kind: Literal["sequence_classification"] = "sequence_classification"
    label: int | None = Field(default=None, ge=0)

    def load(self, model: str) -> SequenceClassification:
        """Load a checkpoint.

        Args:
            model: folder of the checkpoint, or a hub id.

        Raises:
            ConfigError: the extra `train` is missing; there is no checkpoint; its code would have to be run; weights
                are missing; it has another number of labels than the options say, or no chat template.
        """
        found = checkpoint(model, self)
        from transformers import AutoModelForSequenceClassification

        self._refuse_code(found)
        tokenizer = load_tokenizer(found, self)
        loaded = load_model(found, self, AutoModelForSequenceClassification)
        labels = loaded.config.num_labels
        if self.label is None and labels != 1:
            raise ConfigError(
                f"{found.folder}: num_labels is {labels}, must be 1. Give a reward model, or say which logit is the "
                "reward with `label`."
            )
        if self.label is not None and self.label >= labels:
            raise ConfigError(f"{found.folder}: label: {self.label}: the model has {labels}. Write one below.")
        if self.padding == "left" and not hasattr(loaded, "score"):
            raise ConfigError(f"{found.folder}: padding: left: an encoder reads its first token. Write right.")
        return SequenceClassification(loaded, tokenizer, self, self.label or 0)

    def _refuse_code(self, found: Checkpoint) -> None:
        if self.trust_remote_code or not ships_code(found.config, "AutoModelForSequenceClassification"):
            return
        raise ConfigError(
            f"{found.folder}: its head is code in the checkpoint, which is not run. Name the scorer that reads this "
            "architecture (value_head, cls_token, gated or last_token), or read the code and set "
            "trust_remote_code: true."
        )

"""Any `AutoModelForSequenceClassification` checkpoint with one label: the reward at the last token."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.evaluation.scorers.base import ScorerOptions
from pipeline.training.extra import require_train_extra
from schemas.conversation import messages
from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SequenceClassification:
    """A loaded checkpoint.

    Attributes:
        model: with one label, in evaluation mode.
        tokenizer: with a chat template.
        options: of scoring.
    """

    model: Any
    tokenizer: Any
    options: ScorerOptions

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        """Raw rewards; the batch that an answer falls in changes nothing."""
        import torch

        render = self.tokenizer.apply_chat_template
        texts = [
            render(messages(self.options.system_of(key), prompt, answer), tokenize=False)
            for prompt, answer, key in zip(prompts, answers, criteria, strict=True)
        ]
        if not texts:
            return []
        encoded = self.tokenizer(texts, add_special_tokens=False, return_attention_mask=False, verbose=False)
        rows = [ids[-self.options.max_tokens :] for ids in encoded["input_ids"]]
        pad = self._pad(rows)
        self.model.config.get_text_config().pad_token_id = pad
        scores = [0.0] * len(rows)
        with torch.inference_mode():
            for batch in batches([len(row) for row in rows], self.options.batch_tokens):
                longest = max(len(rows[i]) for i in batch)
                tokens_BT = torch.full((len(batch), longest), pad)
                mask_BT = torch.zeros((len(batch), longest), dtype=torch.long)
                for b, i in enumerate(batch):
                    tokens_BT[b, : len(rows[i])] = torch.tensor(rows[i])
                    mask_BT[b, : len(rows[i])] = 1
                device = self.model.device
                logits_B1 = self.model(input_ids=tokens_BT.to(device), attention_mask=mask_BT.to(device)).logits
                for i, score in zip(batch, logits_B1[:, 0].float().tolist(), strict=True):
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


def batches(lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """Indices in batches of like length: rows times the longest row is at most `batch_tokens`, or one row."""
    found: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if found and (len(found[-1]) + 1) * lengths[index] <= batch_tokens:
            found[-1].append(index)
        else:
            found.append([index])
    return found


class SequenceClassificationOptions(ScorerOptions):
    """A checkpoint that transformers loads with a head of one label."""

    kind: Literal["sequence_classification"] = "sequence_classification"

    def load(self, model: str) -> SequenceClassification:
        """Load a checkpoint.

        Args:
            model: folder of the checkpoint.

        Raises:
            ConfigError: the extra `train` is missing, or the folder holds no checkpoint with one label and a
                chat template.
        """
        require_train_extra()
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        path = Path(model)
        if not (path / "config.json").is_file():
            raise ConfigError(
                f"{path}: holds no config.json. Give the folder of a checkpoint, such as RUN/models/nano."
            )
        given: dict[str, Any] = {"local_files_only": True, "trust_remote_code": self.trust_remote_code}
        tokenizer = AutoTokenizer.from_pretrained(path, **given)
        loaded = AutoModelForSequenceClassification.from_pretrained(path, **given)
        if loaded.config.num_labels != 1:
            raise ConfigError(f"{path}: num_labels is {loaded.config.num_labels}, must be 1. Give a reward model.")
        if not tokenizer.chat_template:
            raise ConfigError(f"{path}: the tokenizer has no chat template. Save one with it, as chat_template.jinja.")
        return SequenceClassification(loaded.eval(), tokenizer, self)

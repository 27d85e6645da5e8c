"""The base model's likelihood: how natural each side is to a language model that was taught no preference.

The tokens of an answer follow the rendered prompt (the chat template's, with its opening of the assistant's turn; a
blank line where there is no template). The sum favours short answers; the mean does not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.evaluation.scorers.encoding import batches, padded, run
from pipeline.evaluation.scoring import Progress
from pipeline.training.extra import require_train_extra
from schemas.config import Options
from schemas.conversation import messages
from schemas.errors import ConfigError

CHUNK_PAIRS = 128


class LikelihoodOptions(Options):
    """A causal language model, and how it is asked.

    Attributes:
        model: folder of the checkpoint.
        pairs: benchmark pairs that are scored, at most, spread by id; 0 for all.
        batch_tokens: tokens of a batch, padding counted, at most; the logits of all of them are in memory at once.
        max_tokens: longest prompt and answer; of a longer prompt the beginning is left out, a longer answer has none.
        dtype: of the weights.
        device: such as `cpu` or `cuda:0`.
    """

    model: Path
    pairs: int = Field(default=0, ge=0)
    batch_tokens: int = Field(default=2_048, ge=1)
    max_tokens: int = Field(default=4_096, ge=2)
    dtype: str = Field(default="float32", pattern="^(float32|bfloat16|float16)$")
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A loaded model.

    Attributes:
        model: causal language model, in evaluation mode.
        tokenizer: with a chat template or without one.
        options: of scoring.
    """

    model: Any
    tokenizer: Any
    options: LikelihoodOptions

    def log_likelihoods(self, prompts: Sequence[str], answers: Sequence[str]) -> list[tuple[float, int]]:
        """(summed log-likelihood in nats, tokens) of each answer given its prompt; (NaN, 0) of one too long or empty.

        Args:
            prompts: the user's messages.
            answers: one a prompt.
        """
        import torch

        rows, lengths = self._rows(prompts, answers)
        there = [index for index, length in enumerate(lengths) if length]
        found = [(math.nan, 0)] * len(rows)
        with torch.inference_mode():
            for batch in batches([len(rows[i]) for i in there], self.options.batch_tokens):
                chosen = [there[b] for b in batch]
                inputs, _ = padded([rows[i] for i in chosen], 0, "right")
                logits_BTV = run(self.model, inputs).logits
                for b, i in enumerate(chosen):
                    start, end = len(rows[i]) - lengths[i], len(rows[i])
                    logits_AV = logits_BTV[b, start - 1 : end - 1].float()
                    targets_A = torch.tensor(rows[i][start:end], device=logits_AV.device)
                    total = -torch.nn.functional.cross_entropy(logits_AV, targets_A, reduction="sum")
                    found[i] = (total.item(), lengths[i])
        return found

    def _rows(self, prompts: Sequence[str], answers: Sequence[str]) -> tuple[list[list[int]], list[int]]:
        """Token ids of prompt and answer, and how many are the answer's; 0 where there is nothing to score."""
        rows, lengths = [], []
        for prompt, answer in zip(prompts, answers, strict=True):
            if self.tokenizer.chat_template:
                text = self.tokenizer.apply_chat_template(
                    messages(None, prompt), tokenize=False, add_generation_prompt=True
                )
            else:
                text = (self.tokenizer.bos_token or "") + prompt + "\n\n"
            before, after = (
                self.tokenizer(part, add_special_tokens=False, verbose=False)["input_ids"] for part in (text, answer)
            )
            room = self.options.max_tokens - len(after)
            rows.append([*before[-room:], *after] if room > 0 else [])
            lengths.append(len(after) if room > 0 and before else 0)
        return rows, lengths


def load(options: LikelihoodOptions) -> Likelihood:
    """Load the model; code that a checkpoint brings is never run.

    Raises:
        ConfigError: the extra `train` is missing, or the folder holds no causal language model.
    """
    require_train_extra()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if not (options.model / "config.json").is_file():
        raise ConfigError(f"likelihood.model: {options.model}: holds no config.json. Give the folder of a checkpoint.")
    try:
        tokenizer = AutoTokenizer.from_pretrained(options.model, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            options.model, local_files_only=True, dtype=getattr(torch, options.dtype)
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"likelihood.model: {options.model}: no causal language model: {error}") from None
    placed: Any = model
    return Likelihood(placed.to(options.device).eval(), tokenizer, options)


def likelihood_differences(
    scorer: Likelihood, pairs: Sequence[BenchmarkPair], progress: Progress
) -> dict[str, list[float]]:
    """`likelihood_mean` and `likelihood_sum`: chosen's less rejected's of each pair; NaN where it was not asked."""
    found = {name: [math.nan] * len(pairs) for name in ("likelihood_mean", "likelihood_sum")}
    most = scorer.options.pairs or len(pairs)
    asked = list(range(len(pairs))) if len(pairs) <= most else [i * len(pairs) // most for i in range(most)]
    for start in range(0, len(asked), CHUNK_PAIRS):
        rows = asked[start : start + CHUNK_PAIRS]
        chunk = [pairs[row] for row in rows]
        texts = [pair.chosen for pair in chunk] + [pair.rejected for pair in chunk]
        values = scorer.log_likelihoods([pair.prompt for pair in chunk] * 2, texts)
        for row, chosen, rejected in zip(rows, values[: len(chunk)], values[len(chunk) :], strict=True):
            if chosen[1] and rejected[1]:
                found["likelihood_mean"][row] = chosen[0] / chosen[1] - rejected[0] / rejected[1]
                found["likelihood_sum"][row] = chosen[0] - rejected[0]
        progress({"stage": "likelihood", "step": start + len(rows), "steps": len(asked)})
    return found

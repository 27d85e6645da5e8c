"""Rewards that are read from the probability of a word, not from what a model writes.

With p(W) the summed probability of the spellings of a word that are single tokens, at one place after the prompt:

- `difference`: log p(yes) - log p(no). The softmax's denominator cancels, so this is the difference of the log-sum-exp
  of their logits. Generative verifiers (GenRM, arXiv 2408.15240, takes p(yes); NVIDIA's GenRM takes this difference).
- `logprob`: log p(yes).
- `expected`: sum of v * p(v) over sum of p(v), for the values of a scale: the expected attribute of models that write
  attributes as digits (SteerLM, arXiv 2310.05344; HelpSteer's scale is 0 to 4).
- `logit`: the raw logit of one token. Nemotron reward models keep their reward there, in token 0.

Published models: Llama-3.3-Nemotron-70B-Reward is `read: logit, token: 0, layout: conversation, opens: false`.
Qwen3-Nemotron-32B-GenRM-Principle is `read: difference, layout: principle, at: last, positive: [" Yes"], negative:
[" No"]`, greedy with at most 16,000 new tokens; the reference has a server's 20 likeliest tokens and `floor: -50`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from pipeline.evaluation.scorers.base import Score
from pipeline.evaluation.scorers.generation import GenerationOptions
from pipeline.evaluation.scorers.judging.local import LocalModel, Weights
from pipeline.evaluation.scorers.judging.prompts import Conversation, Prompt
from pipeline.evaluation.scorers.judging.served import ServedModel
from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A model with its prompt.

    Attributes:
        speaker: the model.
        prompt: knows `prompt`, `answer`, `system`, `criterion`, `rubric`.
        options: of scoring.
    """

    speaker: LocalModel | ServedModel
    prompt: Prompt
    options: "TokenLogprobOptions"

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[Score]:
        """Rewards; None where the conversation is too long, or no word asked for is at the place."""
        o = self.options
        asked = [
            Conversation(o.fill(self.prompt, key, {"prompt": prompt, "answer": answer}), o.opens, o.suffix)
            for prompt, answer, key in zip(prompts, answers, criteria, strict=True)
        ]
        if o.read == "logit":
            assert isinstance(self.speaker, LocalModel)
            return list(self.speaker.logit(asked, o.token))
        found = self.speaker.weigh(asked, o.groups, last=o.at == "last")
        return [None if weights is None else self._reward(weights) for weights in found]

    def _reward(self, weights: Weights) -> float:
        if self.options.read == "expected":
            return expected(self.options.values, weights)
        return weights[0] - weights[1] if self.options.read == "difference" else weights[0]


def expected(values: Sequence[float], weights: Weights) -> float:
    """Sum of v * p(v) over sum of p(v).

    Args:
        values: of the scale.
        weights: log p(v), one a value.
    """
    most = max(weights)
    shares = [math.exp(one - most) for one in weights]
    return sum(v * share for v, share in zip(values, shares, strict=True)) / sum(shares)


class TokenLogprobOptions(GenerationOptions):
    """A reward from the probability of words.

    Attributes:
        read: the formula, see above.
        layout: `question` asks in our words whether the answer is good by the criterion; `conversation` is the bare
            request and answer; `principle` adds a message of that role with the criterion's name. A `template_file`
            stands in for any of them.
        opens: whether the model's own message is opened after the conversation.
        suffix: text after all of that, which the word follows, such as `helpfulness:`.
        at: `next` reads the next token, `last` lets the model speak and reads the last token before its end.
        positive: spellings of yes.
        negative: spellings of no.
        values: of the scale, whole numbers; each is spelled with and without a space before it.
        token: id whose logit is the reward.
        floor: log-probability of a word that a server does not list; None for the least one that it lists.
    """

    kind: Literal["token_logprob"] = "token_logprob"
    read: Literal["difference", "logprob", "expected", "logit"] = "difference"
    layout: Literal["question", "conversation", "principle"] = "question"
    opens: bool = True
    suffix: str = ""
    at: Literal["next", "last"] = "next"
    positive: tuple[str, ...] = Field(default=("Yes", " Yes", "yes", " yes"), min_length=1)
    negative: tuple[str, ...] = Field(default=("No", " No", "no", " no"), min_length=1)
    values: tuple[int, ...] = Field(default=(0, 1, 2, 3, 4), min_length=2)
    token: int = Field(default=0, ge=0)
    floor: float | None = Field(default=None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _consistent(self) -> "TokenLogprobOptions":
        if self.read == "logit" and (self.server is not None or self.at == "last"):
            raise ValueError("read: logit is of the next token of a model in this process; unset server and at")
        if set(self.positive) & set(self.negative):
            raise ValueError(f"{sorted(set(self.positive) & set(self.negative))}: are in positive and in negative")
        if len(set(self.values)) < len(self.values):
            raise ValueError(f"values {list(self.values)}: one is given twice")
        return self

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Spellings of each word that is weighed."""
        if self.read == "expected":
            return tuple((str(value), f" {value}") for value in self.values)
        return (self.positive, self.negative) if self.read == "difference" else (self.positive,)

    def load(self, model: str) -> TokenLogprob:
        """The model.

        Args:
            model: folder or hub id of a checkpoint, or the model's name on the server.

        Raises:
            ConfigError: there is no such model, the template can't be read, or `token` is none of the model's.
        """
        prompt = self.prompt(f"{self.layout}.jinja")
        if self.server is not None:
            return TokenLogprob(self.served(model, self.floor), prompt, self)
        local = self.local(model)
        size = local.model.config.get_text_config().vocab_size
        if self.read == "logit" and self.token >= size:
            raise ConfigError(f"token {self.token}: {model} has {size} tokens. Give an id below that.")
        return TokenLogprob(local, prompt, self)

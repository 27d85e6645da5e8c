"""A model on an OpenAI-compatible server, asked through the synthesis's client and ledger.

A call may ask for fields that only some servers know: `top_k`, `min_p`, `chat_template_kwargs`, and, to go on from a
text, `continue_final_message` (vLLM and SGLang know them). What came back is stored by its key before it is used, so
a second evaluation with the same ledger asks nothing.
"""

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.evaluation.scorers.judging.local import Drawn, Weights
from pipeline.evaluation.scorers.judging.prompts import Conversation
from pipeline.evaluation.scorers.judging.tokens import JudgeClient, JudgeRequest, Token, read_tokens
from synthesis.calls import Answer, CallFailed, CallRefused, Sampling
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions

TASK = "evaluate"
LIKELIEST = 20
"""Tokens that a server lists at a place: the most that the API allows."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server serves.

    Attributes:
        options: where it is, and how hard it may be asked.
        ledger: file of the calls.
        drawn: how words are drawn.
        floor: log-probability of a word that is not among the likeliest listed; None for the least one listed, which
            is an upper bound of it.
    """

    options: ModelOptions
    ledger: Path
    drawn: Drawn
    floor: float | None = None

    def say(self, conversations: Sequence[Conversation]) -> list[str | None]:
        """What the model says to each; None where it was cut at its length, refused, or the call failed."""
        answers = self._ask([self._request(one, self.drawn.max_new_tokens) for one in conversations])
        return [None if one is None or one.finish == "length" else one.text for one in answers]

    def weigh(
        self, conversations: Sequence[Conversation], groups: Sequence[Sequence[str]], last: bool = False
    ) -> list[Weights | None]:
        """Log-probability of each group of words at one place, from the likeliest tokens that the server lists.

        Args:
            conversations: what comes before.
            groups: spellings of each word; tokens that are none of them do not count.
            last: the place is the last word of what the model says itself: it is asked to speak, and then to go on from
                its own words without the last one. Otherwise the place is the next token.

        Returns:
            natural logarithms, one a group, with `floor` for a group that is not listed; None where no group is, or
            the call failed.
        """
        asked: list[Conversation | None] = list(conversations)
        if last:
            asked = [_before_last(one, text) for one, text in zip(conversations, self.say(conversations), strict=True)]
        tokens = self.tokens([one for one in asked if one is not None], 1)
        rest = iter(tokens)
        found = [None if one is None else next(rest) for one in asked]
        return [None if not one else weights(one[0].likeliest, groups, self.floor) for one in found]

    def tokens(self, conversations: Sequence[Conversation], most: int) -> list[tuple[Token, ...] | None]:
        """The next tokens with the likeliest at each place; None where the call failed.

        Args:
            conversations: what comes before.
            most: tokens, at most.
        """
        told = {"logprobs": True, "top_logprobs": LIKELIEST}
        answers = self._ask([self._request(one, most, told) for one in conversations])
        return [None if one is None else read_tokens(one.text) for one in answers]

    def _request(self, conversation: Conversation, most: int, told: dict[str, Any] | None = None) -> JudgeRequest:
        d = self.drawn
        extra = dict(told or {})
        if d.top_k:
            extra["top_k"] = d.top_k
        if d.min_p:
            extra["min_p"] = d.min_p
        if d.thinking is not None:
            extra["chat_template_kwargs"] = {"enable_thinking": d.thinking}
        said = conversation.messages
        if conversation.suffix:
            last = said[-1][1] if not conversation.opens else ""
            said = (*(said if conversation.opens else said[:-1]), ("assistant", last + conversation.suffix))
            extra |= {"add_generation_prompt": False, "continue_final_message": True}
        elif not conversation.opens:
            extra["add_generation_prompt"] = False
        sampling = Sampling(d.temperature, d.top_p, most, d.seed)
        text = json.dumps(extra, sort_keys=True)
        return JudgeRequest(TASK, "", self.options.served, said, sampling, extra=text)

    def _ask(self, requests: Sequence[JudgeRequest]) -> list[Answer | None]:
        """Answers in order; None for a call that failed alone. Equal requests are asked once.

        Raises:
            ServerUnavailable: no call is answered any more.
            ConfigError, LedgerUnusable: as the client has it.
        """
        return asyncio.run(self._all(requests)) if requests else []

    async def _all(self, requests: Sequence[JudgeRequest]) -> list[Answer | None]:
        with Ledger(self.ledger) as ledger:
            async with JudgeClient([self.options], ledger) as client:
                said = await asyncio.gather(*(client.ask(one) for one in requests), return_exceptions=True)
        alone = CallFailed | CallRefused
        for one in said:
            if isinstance(one, BaseException) and not isinstance(one, alone):
                raise one
        return [None if isinstance(one, BaseException) else one for one in said]


def weights(
    likeliest: Sequence[tuple[str, float]], groups: Sequence[Sequence[str]], floor: float | None
) -> Weights | None:
    """Log of the summed probability of each group's listed tokens.

    Args:
        likeliest: (token, log-probability) as listed; one that is listed twice counts once, one above 0 does not.
        groups: spellings of each word.
        floor: of a group without a listed token; None for the least log-probability listed.

    Returns:
        None where no group has a listed token.
    """
    listed = {word: logprob for word, logprob in likeliest if logprob <= 0}
    sums = [sum(math.exp(listed[word]) for word in set(group) if word in listed) for group in groups]
    if not any(sums):
        return None
    least = min(listed.values()) if floor is None else floor
    return tuple(math.log(one) if one else least for one in sums)


def _before_last(conversation: Conversation, said: str | None) -> Conversation | None:
    """The conversation with what the model said, up to its last word; None where it said none."""
    words = (said or "").rstrip().rsplit(None, 1)
    if not words:
        return None
    before = str(said).rstrip().removesuffix(words[-1]).removesuffix(" ")  # a space belongs to the word's token
    return replace(conversation, suffix=conversation.suffix + before)

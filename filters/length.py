"""Length: prompt, side, chat template and the longest system prompt fit the trainer's window."""

from typing import Literal

from pydantic import Field

from filters.base import Filter, Refusal
from filters.tokens import LONGEST_TOKEN_BYTES, PACKAGED, Tokenizer, fewest_and_most, load, overhead, shared
from schemas.records import Pair

__all__ = ["PACKAGED", "Length", "count_tokens", "overhead"]


class Length(Filter):
    """Pairs of which a side, as a whole conversation, is longer than the trainer takes. They are left out, not cut.

    Attributes:
        max_tokens: of system prompt, prompt, side and the template's marks (paper: 4,096 for code, 2,560 in general).
        min_tokens: of a side alone.
        tokenizer: `qwen` (packaged), a folder or a hub id.
    """

    kind: Literal["length"] = "length"
    max_tokens: int = Field(default=4096, ge=1)
    min_tokens: int = Field(default=1, ge=0)
    tokenizer: str = PACKAGED

    def ready(self) -> None:
        """Load the tokenizer and render its chat template.

        Raises:
            ConfigError: the tokenizer can't be loaded, or its chat template takes no system message.
        """
        overhead(self.tokenizer)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`length` where a side's conversation is too long, `too_short` where a side is too short.

        Raises:
            ConfigError: as `ready`.
        """
        tokenizer = load(self.tokenizer)
        for side, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
            detail = self._far_too_long(pair.prompt, answer, tokenizer)
            if detail is not None:
                return Refusal("length", f"{side}: {detail}")
        if self._surely_fits(pair, tokenizer):
            return None
        before = overhead(self.tokenizer) + tokenizer.count(pair.prompt)
        for side, count in zip(("chosen", "rejected"), count_both(pair.chosen, pair.rejected, tokenizer), strict=True):
            if count < self.min_tokens:
                return Refusal("too_short", f"{side}: {count} tokens, at least {self.min_tokens}")
            if before + count > self.max_tokens:
                return Refusal("length", f"{side}: {before + count} tokens, at most {self.max_tokens}")
        return None

    def _far_too_long(self, prompt: str, answer: str, tokenizer: Tokenizer) -> str | None:
        """What is certain without a count. NFC never makes a text shorter than half its characters, in bytes."""
        most = self.max_tokens * (tokenizer.longest or LONGEST_TOKEN_BYTES)
        if len(prompt) + len(answer) > 2 * most:
            return f"{len(prompt) + len(answer)} characters, more than {self.max_tokens} tokens hold"
        if tokenizer.longest is None or len(prompt) + len(answer) <= most // 4:
            return None
        fewest = sum(fewest_and_most(text, tokenizer.longest)[0] for text in (prompt, answer))
        return f"{fewest} tokens or more, at most {self.max_tokens}" if fewest > self.max_tokens else None

    def _surely_fits(self, pair: Pair, tokenizer: Tokenizer) -> bool:
        """Whether no count could refuse the pair."""
        longest = tokenizer.longest
        if longest is None:
            return False
        sides = [fewest_and_most(side, longest) for side in (pair.chosen, pair.rejected)]
        before = overhead(self.tokenizer) + fewest_and_most(pair.prompt, longest)[1]
        return all(few >= self.min_tokens and before + many <= self.max_tokens for few, many in sides)


def count_tokens(text: str, tokenizer: str = PACKAGED) -> int:
    """Tokens of `text` alone; marks such as `<|im_end|>` inside it count as ordinary text.

    Raises:
        ConfigError: the tokenizer can't be loaded.
    """
    return load(tokenizer).count(text)


def count_both(left: str, right: str, tokenizer: Tokenizer) -> tuple[int, int]:
    """Tokens of each of two texts; lines that both share at start and end are counted once where that is exact."""
    first = tokenizer.count(left)
    start, end = shared(left, right) if tokenizer.cuts else (0, 0)
    if start + end == 0:
        return first, tokenizer.count(right)
    middles = [text[start : len(text) - end] for text in (left, right)]
    return first, first - tokenizer.count(middles[0]) + tokenizer.count(middles[1])

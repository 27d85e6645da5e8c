"""Pairs as tokens: what two conversations share is kept once, and a pair that can't teach is counted, not cut."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pipeline.training.pairs import TrainingPair
from schemas.conversation import messages, system_prompt
from schemas.errors import ConfigError

REASONS = ("prompt_too_long", "too_long", "equal", "tied", "weightless")
"""Why a pair is left out: its prompt leaves no room for an answer, a side is too long, both sides are the same tokens,
its label does not prefer chosen and soft labels are off, or its weight is 0 and they are on."""
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Row:
    """One pair as tokens.

    Attributes:
        idx: the pair's id.
        tokens: prefix, rest of chosen, rest of rejected.
        prompt: tokens before the answer begins.
        prefix: tokens that both conversations begin with.
        chosen: tokens of the chosen conversation, the prefix among them.
        label: probability that the chosen answer is the better one.
        weight: how much the pair counts.
    """

    idx: str
    tokens: Sequence[int]
    prompt: int
    prefix: int
    chosen: int
    label: float = 1.0
    weight: float = 1.0

    @property
    def longest(self) -> int:
        """Tokens of the longer conversation."""
        return max(self.chosen, self.prefix + len(self.tokens) - self.chosen)

    @property
    def sides(self) -> tuple[Sequence[int], Sequence[int]]:
        """Tokens of the chosen and of the rejected conversation."""
        return self.tokens[: self.chosen], [*self.tokens[: self.prefix], *self.tokens[self.chosen :]]


class Encoded(NamedTuple):
    """What `encode` gives.

    Attributes:
        rows: of the pairs that fit, in their order.
        left_out: reason, one of `REASONS`, to pairs.
    """

    rows: list[Row]
    left_out: dict[str, int]


def encode(
    tokenizer: Any,
    pairs: Sequence[TrainingPair],
    system: Literal["stored", "own"],
    max_tokens: int,
    soft_labels: bool = False,
) -> Encoded:
    """Pairs as rows. Special tokens are those of the chat template, none is added by the tokenizer.

    Args:
        tokenizer: with a chat template.
        pairs: in a fixed order.
        system: whether each pair's stored system prompt is used, or its criterion's own.
        max_tokens: of the longer conversation, at most.
        soft_labels: keep labels and weights; else each pair counts one, and a pair without a winner is left out.

    Raises:
        ConfigError: the tokenizer has no chat template, or its template refuses the messages.
    """
    if not tokenizer.chat_template:
        raise ConfigError("the tokenizer has no chat template. Set one, or train from weights whose tokenizer has one.")
    left_out: Counter[str] = Counter(dict.fromkeys(REASONS, 0))
    rows = []
    for start in range(0, len(pairs), _AT_ONCE):
        part = pairs[start : start + _AT_ONCE]
        ids = tokenizer(
            _texts(tokenizer, part, system), add_special_tokens=False, return_attention_mask=False, verbose=False
        )["input_ids"]
        for number, pair in enumerate(part):
            asked, chosen, rejected = ids[3 * number : 3 * number + 3]
            row = _row(pair, asked, chosen, rejected, max_tokens, soft_labels)
            if isinstance(row, Row):
                rows.append(row)
            else:
                left_out[row] += 1
    return Encoded(rows, dict(left_out))


def _texts(tokenizer: Any, pairs: Sequence[TrainingPair], system: str) -> list[str]:
    """Prompt, chosen and rejected conversation of each pair."""
    from jinja2 import TemplateError

    render = tokenizer.apply_chat_template
    texts: list[str] = []
    try:
        for pair in pairs:
            says = pair.system if system == "stored" else system_prompt(pair.criterion)
            texts.append(render(messages(says, pair.prompt), tokenize=False, add_generation_prompt=True))
            texts += [render(messages(says, pair.prompt, a), tokenize=False) for a in (pair.chosen, pair.rejected)]
    except TemplateError as error:
        raise ConfigError(
            f"the tokenizer's chat template refuses messages of system, user and assistant: {error}. "
            "Give a tokenizer whose template takes a system message."
        ) from error
    return texts


def _row(
    pair: TrainingPair, asked: list[int], chosen: list[int], rejected: list[int], max_tokens: int, soft: bool
) -> Row | str:
    """The pair's row, or why it has none."""
    if not soft and pair.label <= 0.5:
        return "tied"
    if soft and not pair.weight:
        return "weightless"
    prompt = min(common(asked, chosen), len(chosen) - 1)
    if prompt >= max_tokens:
        return "prompt_too_long"
    if max(len(chosen), len(rejected)) > max_tokens:
        return "too_long"
    if chosen == rejected:
        return "equal"
    limit = min(len(chosen), len(rejected)) - 1  # each side keeps a last token of its own, where its reward is read
    prefix = min(common(chosen, rejected), limit)
    tokens = array("i", [*chosen, *rejected[prefix:]])
    label, weight = (pair.label, pair.weight) if soft else (1.0, 1.0)
    return Row(pair.idx, tokens, prompt, prefix, len(chosen), label, weight)


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences begin with in common."""
    end = min(len(one), len(other))
    return next((i for i in range(end) if one[i] != other[i]), end)

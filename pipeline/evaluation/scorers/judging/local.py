"""A causal language model in this process: what it says, and how likely it finds a word next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any, TypeVar

from pipeline.evaluation.scorers.encoding import batches
from pipeline.evaluation.scorers.judging.prompts import Conversation
from pipeline.evaluation.scorers.judging.sampling import Drawing
from pipeline.evaluation.scorers.loading import LocalOptions, checkpoint, load_model, load_tokenizer
from schemas.errors import ConfigError

T = TypeVar("T")

Weights = tuple[float, ...]
"""Natural logarithm of the probability of each group of words."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How words are drawn.

    Attributes:
        temperature: 0 is greedy.
        top_p: nucleus.
        top_k: tokens that may be drawn; 0 for all.
        min_p: least probability, as a share of the likeliest token's.
        max_new_tokens: of an answer.
        seed: of the draws.
        thinking: what the chat template is told as `enable_thinking`; None for nothing.
    """

    temperature: float
    top_p: float
    top_k: int
    min_p: float
    max_new_tokens: int
    seed: int
    thinking: bool | None


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A loaded model. Conversations are computed in batches, padded on the left.

    Which others are in a batch moves a logit by about 1e-6 in float32. A draw has its random source from the seed and
    the conversation, so it moves only where two tokens are as close as that.

    Attributes:
        model: causal language model, in evaluation mode.
        tokenizer: with a chat template.
        drawn: how words are drawn.
        batch_tokens: of a batch, padding and what is to be said counted, at most.
        max_tokens: of a conversation with what is said to it, at most; a longer one is not cut, it has no answer.
    """

    model: Any
    tokenizer: Any
    drawn: Drawn
    batch_tokens: int
    max_tokens: int

    def say(self, conversations: Sequence[Conversation]) -> list[str | None]:
        """What the model says to each; None where it does not end within its bounds, or the conversation is longer."""
        spoken = self._speak([self._ids(one) for one in conversations])
        return [None if ids is None else self.tokenizer.decode(ids, skip_special_tokens=True) for ids in spoken]

    def weigh(
        self, conversations: Sequence[Conversation], groups: Sequence[Sequence[str]], last: bool = False
    ) -> list[Weights | None]:
        """Log-probability of each group of words at one place: the sum over its words that are single tokens.

        Args:
            conversations: what comes before.
            groups: spellings of each word, such as `("Yes", " Yes")`; a spelling of several tokens does not count.
            last: the place is the last word of what the model says itself, the token before its end. Otherwise it is
                the next token.

        Returns:
            natural logarithms, one a group; None where the conversation is too long, or the answer has no end.

        Raises:
            ConfigError: none of a group's spellings is a single token, or two groups have one in common.
        """
        ids = [self._token_ids(group) for group in groups]
        shared = [one for n, group in enumerate(ids) for one in group if any(one in other for other in ids[:n])]
        if shared:
            raise ConfigError(f"words: {self.tokenizer.decode(shared[:1])!r} is in two groups. Keep it in one.")

        def weights(logits_V: Any) -> Weights:
            logp_V = logits_V.double().log_softmax(-1)
            return tuple(float(logp_V[group].logsumexp(0)) for group in ids)

        return self._next(conversations, last, weights)

    def logit(self, conversations: Sequence[Conversation], token: int) -> list[float | None]:
        """The raw logit of a token as the next one; None where the conversation is too long."""
        return self._next(conversations, False, lambda logits_V: float(logits_V[token]))

    def _ids(self, conversation: Conversation) -> list[int]:
        told = {} if self.drawn.thinking is None else {"enable_thinking": self.drawn.thinking}
        rows = [{"role": role, "content": content} for role, content in conversation.messages]
        render = self.tokenizer.apply_chat_template
        text = render(rows, tokenize=False, add_generation_prompt=conversation.opens, **told) + conversation.suffix
        return list(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def _token_ids(self, group: Sequence[str]) -> list[int]:
        encoded = [self.tokenizer(word, add_special_tokens=False)["input_ids"] for word in group]
        found = sorted({ids[0] for ids in encoded if len(ids) == 1})
        if not found:
            raise ConfigError(f"words: none of {list(group)} is a single token of the model. Give spellings that are.")
        return found

    def _next(self, conversations: Sequence[Conversation], last: bool, read: Callable[[Any], T]) -> list[T | None]:
        """What `read` makes of the logits (V,) at the place asked for; None where there is no such place."""
        rows: list[list[int] | None] = [self._ids(one) for one in conversations]
        if last:
            spoken = self._speak([row for row in rows if row is not None])
            rows = [
                None if row is None or said is None or not said else row + said[:-1]
                for row, said in zip(rows, spoken, strict=True)
            ]
        found: list[T | None] = [None] * len(rows)
        asked = {n: row for n, row in enumerate(rows) if row is not None and 0 < len(row) < self.max_tokens}
        for numbers, made in self._generated(asked, 1, output_logits=True):
            for b, number in enumerate(numbers):
                found[number] = read(made.logits[0][b])
        return found

    def _speak(self, rows: Sequence[list[int]]) -> list[list[int] | None]:
        """What is said after each row, without its end token; None where it does not end within the bounds."""
        ends = self._ends()
        asked = {n: row for n, row in enumerate(rows) if 0 < len(row) < self.max_tokens}
        found: list[list[int] | None] = [None] * len(rows)
        for numbers, made in self._generated(asked, self.drawn.max_new_tokens):
            width = max(len(asked[number]) for number in numbers)
            for number, said in zip(numbers, made.sequences[:, width:].tolist(), strict=True):
                bound = min(self.drawn.max_new_tokens, self.max_tokens - len(asked[number]))
                end = next((n for n, token in enumerate(said[:bound]) if token in ends), None)
                found[number] = None if end is None else said[:end]
        return found

    def _ends(self) -> set[int]:
        own = self.model.generation_config.eos_token_id
        listed = own if isinstance(own, list) else [own]
        return {int(one) for one in (*listed, self.tokenizer.eos_token_id) if one is not None}

    def _generated(self, rows: dict[int, list[int]], most: int, **told: Any) -> Any:
        """Batches of (keys of `rows`, what transformers generated from them)."""
        import torch
        from transformers import GenerationConfig

        ends = sorted(self._ends())
        pad = ends[0]  # masked, so any token does
        configure: Any = GenerationConfig
        keys = list(rows)
        for batch in batches([len(rows[key]) + most for key in keys], self.batch_tokens):
            numbers = [keys[i] for i in batch]
            width = max(len(rows[number]) for number in numbers)
            room = self.max_tokens - min(len(rows[number]) for number in numbers)
            settings = configure(
                max_new_tokens=min(most, room), do_sample=False, pad_token_id=pad, eos_token_id=ends, use_cache=most > 1
            )
            tokens_BT = torch.full((len(numbers), width), pad)
            mask_BT = torch.zeros((len(numbers), width), dtype=torch.long)
            for b, number in enumerate(numbers):
                tokens_BT[b, width - len(rows[number]) :] = torch.tensor(rows[number])
                mask_BT[b, width - len(rows[number]) :] = 1
            drawing = [] if most == 1 else self._drawing([rows[number] for number in numbers])
            with torch.inference_mode():
                made = self.model.generate(
                    tokens_BT.to(self.model.device), attention_mask=mask_BT.to(self.model.device),
                    generation_config=settings, logits_processor=drawing, return_dict_in_generate=True, **told,
                )  # fmt: skip
            yield numbers, made

    def _drawing(self, rows: Sequence[list[int]]) -> list[Any]:
        """What draws a batch's tokens: a random source a row, from the seed and the row; nothing where it is greedy."""
        d = self.drawn
        if not d.temperature:
            return []
        sources = [Random(f"{d.seed}:{sha256(str(row).encode()).hexdigest()}") for row in rows]
        return [Drawing(sources, d.temperature, d.top_k, d.top_p, d.min_p)]


def load_local(model: str, options: LocalOptions, drawn: Drawn) -> LocalModel:
    """Load a checkpoint.

    Of the checkpoint's generation settings only its end tokens are used: a repetition penalty or a temperature of its
    own would change scores.

    Args:
        model: a folder, or a hub id.
        options: of loading and computing.
        drawn: how words are drawn.

    Raises:
        ConfigError: the extra `train` is missing, or there is no such model, or it is no causal language model with a
            chat template and an end token.
    """
    found = checkpoint(model, options)
    from transformers import AutoModelForCausalLM, GenerationConfig

    tokenizer = load_tokenizer(found, options)
    loaded = load_model(found, options, AutoModelForCausalLM)
    own = loaded.generation_config.eos_token_id
    if own is None and tokenizer.eos_token_id is None:
        raise ConfigError(f"{found.folder}: names no end token. Set eos_token in tokenizer_config.json.")
    configure: Any = GenerationConfig
    loaded.generation_config = configure(eos_token_id=own)
    return LocalModel(loaded, tokenizer, drawn, options.batch_tokens, options.max_tokens)

"""A byte-level BPE tokenizer trained on the run's own pairs, with a chat template of one token a role."""

from collections.abc import Iterator, Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from pipeline.training.pairs import TrainingPair
from schemas.conversation import system_prompt
from schemas.criteria import CRITERIA

PAD, END = "<|pad|>", "<|end|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""The pattern of Qwen's tokenizer: words with a leading mark, single digits, runs of signs, line ends."""


def train_tokenizer(pairs: Sequence[TrainingPair], vocab_size: int, max_tokens: int) -> Any:
    """A transformers fast tokenizer trained on `pairs`; the same pairs give the same vocabulary, whichever side wins.

    Args:
        pairs: texts of both sides, prompts and system prompts are used.
        vocab_size: tokens in all, at most.
        max_tokens: recorded as the longest input.
    """
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        special_tokens=[PAD, END, *ROLES],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(_texts(pairs), trainer)
    build: Any = PreTrainedTokenizerFast
    return build(
        tokenizer_object=core,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=list(ROLES),
        chat_template=TEMPLATE,
        model_max_length=max_tokens,
        padding_side="right",
        clean_up_tokenization_spaces=False,
    )


def _texts(pairs: Sequence[TrainingPair]) -> Iterator[str]:
    yield from (system_prompt(key) for key in CRITERIA)
    for pair in pairs:
        yield pair.prompt
        yield from sorted((pair.chosen, pair.rejected))
        if pair.system is not None:
            yield pair.system

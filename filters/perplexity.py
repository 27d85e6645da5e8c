"""Perplexity: the prompt reads as something that a person could have written."""

import math
import re
from typing import Literal, Self

from pydantic import Field, model_validator

from filters.base import Filter, Refusal
from filters.english import MAX_CHARACTERS, prose
from filters.likelihood import embedded, ken
from filters.likelihood.endpoint import EndpointOptions, token_perplexity
from schemas.records import Pair

PAPER_BOUND = 1200.0
"""Of the paper, for words of a KenLM model; served models' tokens are less perplexing and may have it too."""

EMBEDDED_BOUND = 10_000.0
"""For words of the embedded model; see `Perplexity` for how it was chosen."""

BEFORE = embedded.Score(words=10, nats=60.0, bound_nats=7.0)
"""Ordinary documentation that the prompt is taken to stand behind, so that two odd words of three are no verdict."""

LETTERS_BEFORE, CHARACTERS_BEFORE = 5, 6
"""Of the word of prose that a prompt's characters are taken to stand behind."""

_QUOTED = re.compile(
    r"^[ \t]*(```|~~~)(?s:.*?)(?:^[ \t]*\1[ \t]*$|\Z)"  # fences
    r"|`[^`\n]*`|https?://\S+"
    r"|^[ \t]*>>>.*(?:\n[ \t]*\S.*)*",  # a doctest with what it prints
    re.MULTILINE,
)


class Perplexity(Filter):
    """Pairs whose prompt is improbable: mash of keys, shuffled words, data, tables, logs, bits of markup.

    The paper keeps prompts whose perplexity is at most 1,200 by a KenLM model of Wikipedia, as in CCNet. Which model
    is asked:

    - `model`: a KenLM file. Perplexity per word and end of sentence, over the prompt's prose (see `english.prose`):
      10 to the power of minus the mean of their decimal logarithms, as KenLM has it. Bound: 1,200.
    - `endpoint`: a server's. Perplexity per token of its own, over the whole prompt. Bound: 1,200.
    - neither: the embedded model. Perplexity per word of the prompt's prose behind `BEFORE`, words unknown to it by
      their letters. Bound: 10,000, which one of a thousand prompts made of real documentation exceeds: the table is
      small, and 1,200 would refuse a tenth of them. Moreover the order of the words must tell them from shuffled ones
      (`word_order`): `min_order` nats a word, by how much more probable each is after the one before than alone.

    Whatever the model, some of what stands outside quotes, fences, addresses and doctests must be words
    (`little_prose`): a table, encoded data or a dump has no prose whose perplexity would be high.

    Attributes:
        max_perplexity: None for the model's own bound.
        min_words: of prose, from which a perplexity is looked at: fewer tell too little.
        min_order: nats a word; by the embedded model only.
        min_prose: share of the visible characters outside quotes that are letters of prose, a word of it put before.
        model: path of a KenLM model, .arpa or .bin; needs the package `kenlm`.
        pieces: path of the SentencePiece model whose pieces the KenLM model is of, as CCNet publishes them; perplexity
            is per piece and end of a paragraph then. Needs the package `sentencepiece`.
        endpoint: of an OpenAI-compatible server; not with `model`.
    """

    kind: Literal["perplexity"] = "perplexity"
    max_perplexity: float | None = Field(default=None, gt=1)
    min_words: int = Field(default=3, ge=1)
    min_order: float = -0.15
    min_prose: float = Field(default=0.22, ge=0, le=1)
    model: str | None = None
    pieces: str | None = None
    endpoint: EndpointOptions | None = None

    @model_validator(mode="after")
    def _one_model(self) -> Self:
        if self.model is not None and self.endpoint is not None:
            raise ValueError("model and endpoint are both set; keep the one that is to be asked")
        if self.pieces is not None and self.model is None:
            raise ValueError("pieces is set without model; name the KenLM model that was trained on them")
        return self

    def ready(self) -> None:
        """Load the model, or ask the server once.

        Raises:
            ConfigError: `model` or `pieces` can't be read, or the server can't be asked as configured.
            SourceUnavailable: the server gives no usable answer.
        """
        example = "Return the sum of the values."
        spoken = embedded.sentences(example)
        embedded.score(spoken)
        if self.endpoint is not None:
            token_perplexity(self.endpoint, example)
        if self.model is not None:
            self._by_ken(self.model, example, spoken)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`little_prose`, `perplexity` or `word_order`, with the measured value and its bound.

        Raises:
            ConfigError, SourceUnavailable: as `ready`.
        """
        text = pair.prompt[:MAX_CHARACTERS]
        spoken = embedded.sentences(text)
        share = _prose_share(text, spoken)
        if share < self.min_prose:
            return Refusal("little_prose", f"{share:.3f} of the characters, at least {self.min_prose}")
        if sum(map(len, spoken)) < self.min_words:
            return None
        if self.endpoint is not None:
            return self._bounded(token_perplexity(self.endpoint, text), PAPER_BOUND, "token")
        if self.model is not None:
            return self._by_ken(self.model, text, spoken)
        found = embedded.score(spoken)
        words = found.words + BEFORE.words
        order = (found.bound_nats + BEFORE.bound_nats) / words
        refusal = self._bounded(math.exp((found.nats + BEFORE.nats) / words), EMBEDDED_BOUND, "word")
        if refusal is None and order < self.min_order:
            return Refusal("word_order", f"{order:.3f} nats a word, at least {self.min_order}")
        return refusal

    def _by_ken(self, model: str, text: str, spoken: list[tuple[str, ...]]) -> Refusal | None:
        if self.pieces is None:
            return self._bounded(ken.perplexity(model, spoken), PAPER_BOUND, "word")
        units = ken.pieces(self.pieces, [paragraph.lower() for paragraph in prose(text)])
        return self._bounded(ken.perplexity(model, units), PAPER_BOUND, "piece")

    def _bounded(self, perplexity: float, bound: float, unit: str) -> Refusal | None:
        bound = bound if self.max_perplexity is None else self.max_perplexity
        if perplexity <= bound:
            return None
        return Refusal("perplexity", f"{perplexity:.4g} a {unit}, at most {bound:g}")


def _prose_share(text: str, spoken: list[tuple[str, ...]]) -> float:
    """Share of the visible characters outside quotes that are letters of prose, a word of it put before."""
    letters = sum(len(word) for sentence in spoken for word in sentence)
    visible = sum(map(len, _QUOTED.sub(" ", text).split()))
    return (letters + LETTERS_BEFORE) / (max(visible, letters) + CHARACTERS_BEFORE)

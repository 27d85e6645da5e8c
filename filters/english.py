"""English: the prompt's prose is in English."""

import importlib
import re
from functools import cache
from typing import Any, Literal

from pydantic import Field

from filters.base import Filter, Refusal
from schemas.records import Pair

MAX_CHARACTERS = 20_000
"""Characters of a prompt that are looked at."""

_FENCE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`+[^`\n]*`+|<[^<>\n]{1,200}>|\{@\w+[^{}\n]{0,200}\}|https?://\S+")
_CODE_LINE = re.compile(
    r"""^[ \t]*(?:
        >>>.* | \.\.\.[ ].*                                              # doctests
        | .{0,500}[;{}][ \t]*                                            # statements and blocks
        | (?:async[ ]+)?(?:def|class|func|function)[ ].{0,500}\(.*       # signatures
        | .{0,500}\)[ \t]*(?:->.{0,200})?:[ \t]*
        )$""",
    re.VERBOSE | re.MULTILINE,
)
_ASCII_RUN = re.compile(r"[!-~]+")  # not all that isn't white space: some scripts write no spaces
_NAME = re.compile(r"\w[_.:]\w|[(){}\[\]=/\\@$#|]|[a-z][A-Z]|\d")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


class English(Filter):
    """Pairs of whose prompt a paragraph is written in another language than English.

    Each paragraph is looked at alone: an English request around a foreign documentation comment is refused. One with
    fewer than `min_letters` letters of prose passes: too little to tell, and most of it is names.

    Attributes:
        min_probability: of English, among the languages that py3langid knows, for a paragraph's prose. Sentences of
            other languages get less than 0.01; of docstrings in Python's library, 99.8% have it in every paragraph.
        min_letters: from which a paragraph is looked at.
    """

    kind: Literal["english"] = "english"
    min_probability: float = Field(default=0.03, ge=0, le=1)
    min_letters: int = Field(default=20, ge=1)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`english` where a paragraph is long enough to tell and English is too improbable."""
        for paragraph in prose(pair.prompt[:MAX_CHARACTERS]):
            if sum(map(str.isalpha, paragraph)) < self.min_letters:
                continue
            probability, likeliest = english_probability(paragraph)
            if probability < self.min_probability:
                detail = f"{probability:.3f} for English, at least {self.min_probability}; likeliest {likeliest}"
                return Refusal("english", detail)
        return None


def prose(text: str) -> list[str]:
    """Paragraphs of `text`, folded, without code, tags, addresses, signatures, statements, doctests and names."""
    text = _CODE_LINE.sub("", _INLINE.sub(" ", _FENCE.sub("\n\n", text)))
    text = _ASCII_RUN.sub(lambda run: " " if _NAME.search(run[0]) else run[0], text)
    return [" ".join(paragraph.split()) for paragraph in _PARAGRAPH.split(text) if paragraph.strip()]


def english_probability(text: str) -> tuple[float, str]:
    """Probability that `text` is English, and the code of its likeliest language.

    The identifier is a fixed table and one dot product: the same text has the same answer in every process.
    """
    ranked = dict(_identifier().rank(text))
    return ranked["en"], max(ranked, key=ranked.__getitem__)


@cache
def _identifier() -> Any:
    langid = importlib.import_module("py3langid.langid")
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)

"""English: the prompt's prose is in English."""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from filters.base import Filter, Refusal
from schemas.errors import ConfigError
from schemas.records import Pair

MAX_CHARACTERS = 20_000
"""Characters of a prompt that are looked at."""

_LABEL, _ENGLISH = "__label__", "eng_Latn"
_LIKELIEST = 8  # labels that are asked of a fastText model: one below the eighth is improbable enough

_FENCE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`+[^`\n]*`+|<[^<>\n]{1,200}>|\{@\w+[^{}\n]{0,200}\}|https?://\S+")
_CODE_LINE = re.compile(
    r"""^[ \t]*(?:
        >>>.*(?:\n[ \t]*\S.*)* | \.\.\.[ ].*                             # doctests and what they print
        | .{0,500}[;{}][ \t]*                                            # statements and blocks
        | assert[ ].* | [\w.\[\]"']{1,100}[ ]=[ ].*
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
        min_probability: of English for a paragraph's prose. With the packaged identifier, sentences of other languages
            have less than 0.01, and short English ones full of terms 0.05 and more.
        min_letters: from which a paragraph is looked at. A letter of Greek, Cyrillic and the scripts after them counts
            as two, one of the East Asian scripts as three: their words are shorter.
        model: path of a fastText model whose labels are GlotLID's (`__label__eng_Latn`); None for the packaged
            identifier, py3langid.
    """

    kind: Literal["english"] = "english"
    min_probability: float = Field(default=0.02, ge=0, le=1)
    min_letters: int = Field(default=20, ge=1)
    model: str | None = None

    def ready(self) -> None:
        """Load what identifies languages.

        Raises:
            ConfigError: `model` can't be loaded, or no fastText is installed.
        """
        english_probability("Return the sum.", self.model)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`english` where a paragraph is long enough to tell and English is too improbable.

        Raises:
            ConfigError: as `ready`.
        """
        for paragraph in prose(pair.prompt[:MAX_CHARACTERS]):
            if sum(map(_weight, paragraph)) < self.min_letters:
                continue
            probability, likeliest = english_probability(paragraph, self.model)
            if probability < self.min_probability:
                detail = f"{probability:.3f} for English, at least {self.min_probability}; likeliest {likeliest}"
                return Refusal("english", detail)
        return None


def prose(text: str) -> list[str]:
    """Paragraphs of `text`, folded, without code, tags, addresses, signatures, statements, doctests and names."""
    text = _CODE_LINE.sub("", _INLINE.sub(" ", _FENCE.sub("\n\n", text)))
    text = _ASCII_RUN.sub(lambda run: " " if _NAME.search(run[0]) else run[0], text)
    return [" ".join(paragraph.split()) for paragraph in _PARAGRAPH.split(text) if paragraph.strip()]


def english_probability(text: str, model: str | None = None) -> tuple[float, str]:
    """Probability that `text` is English, and the code of its likeliest language.

    The packaged identifier is a fixed table and one dot product: the same text has the same answer in every process.

    Args:
        text: prose.
        model: path of a fastText model, or None for the packaged identifier.

    Raises:
        ConfigError: `model` can't be loaded, or no fastText is installed.
    """
    if model is not None:
        return _by_fasttext(text, model)
    ranked = dict(_identifier().rank(text))
    return ranked["en"], max(ranked, key=ranked.__getitem__)


def _by_fasttext(text: str, model: str) -> tuple[float, str]:
    """As `english_probability`; 0 where English isn't among the `_LIKELIEST` labels."""
    line = " ".join(text.encode("utf-8", "replace").decode().split()) + "\n"
    ranked = _fasttext(model).f.predict(line, _LIKELIEST, 0.0, "strict")  # without the binding's numpy 1 calls
    labels = {label.removeprefix(_LABEL): float(probability) for probability, label in ranked}
    return min(1.0, labels.get(_ENGLISH, 0.0)), next(iter(labels), "none")


def _weight(character: str) -> int:
    if not character.isalpha():
        return 0
    return 1 if character < "\u0370" else 2 if character < "\u2e80" else 3


@cache
def _identifier() -> Any:
    langid = importlib.import_module("py3langid.langid")
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)


@cache
def _fasttext(path: str) -> Any:
    """The model at `path`, once a process.

    Raises:
        ConfigError: it can't be loaded, it doesn't know English, or no fastText is installed.
    """
    try:
        module = importlib.import_module("fasttext")
    except ImportError:
        raise ConfigError(
            f"model: {path!r} needs fastText: `pip install fasttext-community`; or leave `model` out"
        ) from None
    if not Path(path).is_file():
        raise ConfigError(f"model: {path!r} is no file. Give the path of a fastText model, or leave `model` out.")
    try:
        model = module.load_model(path)
    except (ValueError, RuntimeError, MemoryError) as error:
        raise ConfigError(f"model: {path!r} can't be loaded: {error} Give the path of a fastText model.") from None
    if _LABEL + _ENGLISH not in model.f.getLabels("strict")[0]:
        raise ConfigError(f"model: {path!r} has no label {_LABEL + _ENGLISH}. Give GlotLID's model, or leave it out.")
    return model

"""Language: messages in another language than English."""

from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import body, subject
from filters.english import english_probability, prose
from parsers.edits import Edit
from schemas.records import Change

MAX_CHARACTERS = 1_000
"""Characters of a message that are looked at."""


class MessageLanguage(ChangeFilter):
    """Changes whose message, names and code aside, is not English.

    Attributes:
        min_probability: of English, among the languages that py3langid knows, for the whole message's prose.
        min_letters: of prose, from which it is looked at; less is too little to tell.
        max_foreign_letters: share of letters outside ASCII, whatever the length.
    """

    kind: Literal["message_language"] = "message_language"
    min_probability: float = Field(default=0.01, ge=0, le=1)
    min_letters: int = Field(default=30, ge=1)
    max_foreign_letters: float = Field(default=0.3, ge=0, le=1)

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`not_english` by the letters, or by the identifier of languages."""
        message = f"{subject(change.message)}\n\n{body(change.message)}"[:MAX_CHARACTERS]
        letters = sum(map(str.isalpha, message))
        foreign = 0 if message.isascii() else sum(1 for letter in message if letter > "\x7f" and letter.isalpha())
        if letters and foreign / letters > self.max_foreign_letters:
            return Refusal(
                "not_english",
                f"{foreign / letters:.2f} of its letters outside ASCII, at most {self.max_foreign_letters}",
            )
        if _reads_english(message):
            return None
        text = " ".join(prose(message))
        if sum(map(str.isalpha, text)) < self.min_letters:
            return None
        probability, likeliest = english_probability(text)
        if probability >= self.min_probability:
            return None
        return Refusal(
            "not_english", f"{probability:.3f} for English, at least {self.min_probability}; likeliest {likeliest}"
        )


def _reads_english(message: str) -> bool:
    """Whether enough of a message is little words that are English alone; spares the slower identifier."""
    words = message.lower().split()
    return sum(word in _ENGLISH for word in words) * 10 >= max(len(words), 10)


_ENGLISH = frozenset("the and of with when this that from is are not for to it be was by if we which".split())  # noqa: SIM905

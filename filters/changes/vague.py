"""Vague: messages that say nothing of the change."""

import re
from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import bare_subject, body
from parsers.edits import Edit
from schemas.records import Change

_EMPTY = frozenset(
    """a about actually add added adding adds additional after again all also an and another any are as at attempt b
    back bad be better bit
    broken bug bugfix bugfixes bugs bugz but by c can change changed changes changing cleaned cleaner cleaning
    cleanup cleanups clean code
    comment commit couple cpp crap cs did do done edit edited error errors few file files final first fix fixed fixes
    fixing fixup for from
    fun get go good got had has have here hotfix i ii implement implemented improve improved improvement improvements
    improvs in into is issue
    issues it its java js just last little logic lot made make makes making merge minor misc miscellaneous missed
    mistake modified modify
    modification modifications more my name nb nit nits new nice nicer no not now of off oh ok old on one only oops
    or other out part patch pep
    per please polish problem problems progress py quick rb really refactor refactored refactoring remaining remove
    removed review reviews
    rework reworked same should silly simple simplify slight slightly small so some something sorry source still
    stuff stupid style
    suggested suggestion suggestions super test tests that the their them then there these thing things this tidied
    tidy tidying tiny to too
    trivial try trying tweak tweaked tweaks two typo typos ugly up update updated updates updating use used v various
    version very was way we
    well whoops wip with work working works wrong x yes yet you""".split()  # noqa: SIM905  (a page of words)
)
_WORD = re.compile(r"[^\W\d_]+")
_FILE = re.compile(r"\b[\w/.-]+\.(?:c|h|cc|cpp|hpp|cs|go|java|js|mjs|py|rb)\b")
_NAME = re.compile(r"\w*[a-z][A-Z]\w*|\w+(?:[_./:]+\w+)+|\w+\(\)")


class Vague(ChangeFilter):
    """Changes whose message is a name, one word, or only words such as `fix`, `update` and `minor cleanup`.

    Attributes:
        min_words: that say something, in subject and body. Names of files never count.
        names: whether identifiers count as words.
        min_subject_words: words of any sort in the subject, where there is no body.
    """

    kind: Literal["vague"] = "vague"
    min_words: int = Field(default=1, ge=0)
    names: bool = True
    min_subject_words: int = Field(default=2, ge=0)

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`vague_message` by the words that say something."""
        first, rest = bare_subject(change.message), body(change.message)
        if not rest and len(first.split()) < self.min_subject_words:
            return Refusal("vague_message", f"{len(first.split())} words, at least {self.min_subject_words}")
        text = _FILE.sub(" ", f"{first}\n{rest}")
        if not self.names:
            text = _NAME.sub(" ", text)
        words = {word for word in _WORD.findall(text.lower()) if word not in _EMPTY}
        if len(words) < self.min_words:
            return Refusal(
                "vague_message", f"{len(words)} words that say something, at least {self.min_words}: {first[:60]!r}"
            )
        return None

"""What a request must not say, and a request asked for until it does not: a hint at one side, or at a quality."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import TypeVar

from pydantic import BaseModel

from schemas.criteria import CRITERIA
from schemas.provenance import seeded
from synthesis.calls import AnswerUnusable, Caller, Request
from synthesis.tasks.asking import Asked, ask, draw_sampling, messages
from synthesis.tasks.request import leaks

T = TypeVar("T", bound=BaseModel)

ATTEMPTS = 4
"""Each with a seed of its own; a hint is no fault of form, so it is not mended but asked anew."""

TEMPERATURE = 0.7
TOP_P = 0.95
MAX_TOKENS = 700
MAX_AVOIDED = 40
MAX_AVOIDED_CHARS = 30

_WORD = re.compile(r"[^\W_]+")
_GRAMMAR = frozenset(
    re.findall(
        r"\w+",
        """
    a about after all also an and any are as at be been before being both but by can could did do does each
    either else for from had has have her his how i if in into is it its itself just may me might more most must
    my no nor not of off on once one only onto or other others our out over own shall she should so some such
    than that the their them then there these they this those through to too two under until up upon us was we
    were what when where whether which while who whose why will with would you your
    """,
    )
)
_QUALITY = re.compile(
    r"\b(?:"
    r"inefficien\w*|efficien\w*|optimi[sz]\w*|optimal\w*|performan\w*|fast(?:er|est)?|quick\w*|slow\w*|"
    r"speed\w*|scalab\w*|complexity|latency|memory|footprint|alloc\w*|leak\w*|insecur\w*|secur\w*|"
    r"(?:un)?safe(?:r|ly|ty)?|vulnerab\w*|attack\w*|malicious\w*|hostile|untrusted|saniti[sz]\w*|exploit\w*|"
    r"inject\w*|bugs?|buggy|fix(?:es|ed|ing)?|(?:in)?correct\w*|wrong\w*|broken|faulty|crash\w*|robust\w*|"
    r"reliab\w*|proper(?:ly)?|careful\w*|edge[ -]cases?|corner[ -]cases?|readab\w*|maintainab\w*|"
    r"clean(?:er|ly)?|clear(?:er|ly)?|simpl(?:er?|y|if\w*)|concise\w*|elegant\w*|tidy|idiomatic\w*|"
    r"refactor\w*|legib\w*|well-\w+|better|best|improv\w*|instead|rather than|avoid\w*"
    r")\b",
    re.IGNORECASE,
)
_ENDINGS = ("ing", "ers", "ed", "es", "er", "s")
_SHORTEST_STEM = 3


class InstructionLeaks(AnswerUnusable):
    """A request that hints at one of the sides, or at a quality, in every attempt.

    Attributes:
        word: the last hint.
    """

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(f"{detail}: the request hints by {word!r}, in each of {ATTEMPTS} attempts")
        self.word = word


def hint(text: str, sides: tuple[str, str], criterion: str | None) -> str | None:
    """The first word or phrase of `text` that hints; None for none.

    That is a word that only one side has, also in another inflection, or one that speaks of quality, unless both sides
    have it. Articles, pronouns and the like don't count.

    Args:
        text: the request.
        sides: the two texts that it leads to.
        criterion: its name and terms are hints too; None for none in particular.
    """
    content = _WORD.sub(lambda found: " " if found[0].lower() in _GRAMMAR else found[0], text)
    leaked = leaks(content, *sides)
    if leaked is not None:
        return leaked
    first, second = (_stems(side) for side in sides)
    for found in _WORD.findall(content):
        stem = _stem(found.lower())
        if (stem in first) != (stem in second) and leaks(found, "", found) is not None:
            return str(found)
    shared = first & second
    phrases: list[str] = [found[0] for pattern in _patterns(criterion) for found in pattern.finditer(text)]
    return next((one for one in phrases if not _stems(one) <= shared), None)


def one_sided(sides: tuple[str, str]) -> list[str]:
    """Words that only one side has, the most frequent first; a bounded number of them."""
    first, second = (Counter(word.lower() for word in _WORD.findall(side)) for side in sides)
    alone = {word: count for word, count in (first + second).items() if (word in first) != (word in second)}
    ranked = sorted(alone, key=lambda word: (-alone[word], word))
    return [word for word in ranked if word not in _GRAMMAR and len(word) <= MAX_AVOIDED_CHARS][:MAX_AVOIDED]


async def ask_unhinted(
    caller: Caller, task: str, model: str, form: type[T], said: Callable[[T], str], *, sides: tuple[str, str],
    criterion: str | None, max_words: int, seed: int, record: str, **values: object,
) -> Asked[T]:  # fmt: skip
    """Ask by the template of `task` until the text has no hint, each time with another seed, at most `ATTEMPTS` times.

    The model sees the sides in an order drawn from the record's random source, and the words that it may not use.

    Raises:
        InstructionLeaks: every attempt hints.
        AnswerUnusable: an answer is not of the form, or has too many or too few words, also after mending.
        CallRefused, CallFailed, ServerUnavailable: as the caller raises them.
    """
    keys: tuple[str, ...] = ()
    hints: list[str] = []
    for attempt in range(ATTEMPTS):
        rng = seeded(seed, f"{task}/{attempt}", record)
        shown = dict(zip(("first", "second"), rng.sample(sides, 2), strict=True))
        avoid = list(dict.fromkeys([*hints, *one_sided(sides)]))
        texts = messages(f"{task}.jinja", rng, shown, avoid=avoid, max_words=max_words, **values)
        request = Request(task, record, model, texts, draw_sampling(rng, TEMPERATURE, TOP_P, MAX_TOKENS))
        asked = await ask(caller, request, form, lambda value: _misshapen(said(value), max_words))
        keys += asked.keys
        word = hint(said(asked.value), sides, criterion)
        if word is None:
            return Asked(asked.value, keys)
        hints.append(word)
    raise InstructionLeaks(hints[-1], f"{task} of {model}, call {keys[-1]}")


def _misshapen(text: str, max_words: int) -> str | None:
    count = len(text.split())
    if count < 2:
        return "the text is empty; write it in full."
    if count > max_words:
        return f"the text has {count} words; at most {max_words}."
    if any(ord(character) < 32 and character not in "\n\t" for character in text):
        return "the text has control characters."
    return None


def _stem(word: str) -> str:
    """A word in lower case without its inflection, roughly: `caching` and `cache` are one, `summed` and `sum`."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    if len(word) > _SHORTEST_STEM:
        word = word.removesuffix("e")
    return word[:-1] if word[-2:-1] == word[-1:] else word


def _stems(text: str) -> frozenset[str]:
    parts: Iterable[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W_]+", text)
    return frozenset(_stem(part.lower()) for part in (*parts, *_WORD.findall(text)))


@cache
def _patterns(criterion: str | None) -> tuple[re.Pattern[str], ...]:
    """What speaks of quality: in general, and any term of the criterion or word of its name."""
    if criterion is None:
        return (_QUALITY,)
    one = CRITERIA[criterion]
    words = [word for word in _WORD.findall(one.name) if word.lower() not in _GRAMMAR]
    return _QUALITY, re.compile(rf"\b(?:{'|'.join(map(re.escape, [*one.terms, *words]))})\b", re.IGNORECASE)

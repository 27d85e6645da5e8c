"""What `bug`, `degrade` and `fix` share: a function written anew by a model, and what the parsers say against it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, Field, field_validator

from parsers.functions import functions, parse_snippet
from parsers.leaves import Leaf, leaves
from parsers.syntax import error_bytes, parse
from schemas.errors import ParseRefused
from schemas.provenance import seeded
from synthesis.calls import Caller, CallRefused, Request
from synthesis.tasks.asking import CONTROL_MARK, Asked, ask, draw_sampling, messages
from synthesis.tasks.describe import protected_words

VERSION = "1"
TEMPERATURE = 0.7
TOP_P = 0.95
MAX_ANSWER_TOKENS = 8_192
SPARE_TOKENS = 512
FREE_LEAVES = 24
"""Leaves of the tree that may change in however short a function."""

_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = 5
_TELLS_ANYWHERE = re.compile(
    r"bugg?y?|bugs|todo|fixme|xxx|inefficien\w*|insecur\w*|vulnerab\w*|intentional\w*|deliberate\w*|degrad\w*"
    r"|unreadabl\w*|suboptim\w*|unoptimi[sz]ed|mutat(?:ed|ion)"
)
_TELLS_IN_WORDS = re.compile(
    r"wrong\w*|incorrect\w*|faulty|flaw\w*|defect\w*|broken|slow\w*|fast\w*|quick\w*|optimi[sz]\w*|efficien\w*|unsafe\w*|safe\w*"
    r"|secur\w*|weak\w*|wors\w*|better|improv\w*|instead|original\w*|previous\w*|formerly|anymore|longer|now|chang\w*|remov\w*"
    r"|introduc\w*|inject\w*|modif\w*|hack\w*|leak\w*|careless\w*|subtl\w*|fix\w*|mend\w*|off|redundan\w*|unnecessar\w*|needless\w*"
)


class Rewritten(BaseModel):
    """A function that a model wrote anew.

    Attributes:
        explanation: what was changed, and what follows from it.
        where: the place, in a few words.
        code: the whole function.
    """

    explanation: str = Field(max_length=600)
    where: str = Field(max_length=120)
    code: str

    @field_validator("code")
    @classmethod
    def _bare(cls, code: str) -> str:
        """The code without the code fence that some models put around it."""
        fence = re.fullmatch(r"\s*```[\w+#-]*[ \t]*\n(.*?)\n?[ \t]*```\s*", code, re.DOTALL)
        return (fence[1] if fence else code).strip("\n").rstrip()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a rewritten function is held to, beside parsing as well as before.

    Attributes:
        max_share: of the leaves of both trees together, how much may be in one alone.
        same_interface: whether functions and their signatures stay as they are; else only their names stay, and imports
            and helpers may join them.
        words_count: whether a change of comments and documentation alone is one.
    """

    max_share: float
    same_interface: bool = True
    words_count: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the rules ask of a text: error bytes, its functions' names and signatures, and its leaves in order."""

    alone: bool
    errors: int
    names: tuple[str, ...]
    signatures: tuple[str, ...]
    leaves: tuple[Leaf, ...]


async def rewrite(
    caller: Caller, task: str, model: str, rules: Rules, *, language: str, code: str, prompt: str, seed: int,
    record: str, **values: object,
) -> Asked[Rewritten]:  # fmt: skip
    """Ask for `code` written anew by the template of `task`, and hold the answer to `rules`.

    Raises:
        ParseRefused: `code` itself is outside the parser's bounds.
        CallRefused: `control_marks`: `code` holds marks of chat templates, which can't be shown as they are.
        AnswerUnusable: the answer breaks a rule, also after mending.
        CallFailed, ServerUnavailable: as the caller raises them.
    """
    mark = CONTROL_MARK.search(code)
    if mark is not None:
        raise CallRefused("control_marks", f"the code holds {code[mark.start() : mark.start() + 20]!r}")
    before = _shape(language, code)
    rng = seeded(seed, task, record)
    texts = messages(f"{task}.jinja", rng, {"task": prompt, "code": code}, language=language, **values)
    max_tokens = min(MAX_ANSWER_TOKENS, SPARE_TOKENS + len(code.encode()) // 2)
    request = Request(task, record, model, texts, draw_sampling(rng, TEMPERATURE, TOP_P, max_tokens))
    return await ask(caller, request, Rewritten, lambda value: complaint(language, code, prompt, value, rules, before))


def complaint(
    language: str, code: str, prompt: str, value: Rewritten, rules: Rules, before: _Shape | None = None
) -> str | None:
    """What is wrong with a rewritten function, in words for the model; None for nothing.

    Args:
        language: released spelling.
        code: the function as it was.
        prompt: the request that it answers, whose words must stay.
        value: the rewritten one.
        rules: what it is held to.
        before: the shape of `code`, where it is known.

    Raises:
        ParseRefused: `code` itself is outside the parser's bounds.
    """
    old = before or _shape(language, code)
    try:
        new = _shape(language, value.code, alone=old.alone)
    except ParseRefused as error:
        return f"`code` can't be parsed: {error}."
    if new.errors > old.errors:
        return f"`code` does not parse as {language}."
    wrong = _interface(old, new, rules)
    if wrong is not None:
        return wrong
    changed = _changed(old.leaves, new.leaves, rules.words_count)
    if changed == 0:
        return "`code` is the same as before but for layout or comments."
    allowed = max(FREE_LEAVES, rules.max_share * (len(old.leaves) + len(new.leaves)))
    if changed > allowed:
        return f"`code` changes too much ({changed} tokens, at most {allowed:.0f}); leave the rest as it is."
    lost = sorted((protected_words(prompt) & _names(code)) - _names(value.code))
    if lost:
        return f"`{lost[0]}` is named by the task and must stay."
    told = telling(old.leaves, new.leaves, f"{value.explanation} {value.where}" if rules.same_interface else "")
    return f"the new code must not tell what was done to it: {told!r}" if told else None


def _interface(old: _Shape, new: _Shape, rules: Rules) -> str | None:
    if not rules.same_interface:
        missing = Counter(old.names) - Counter(new.names)
        return f"`code` must define {', '.join(missing)} as before." if missing else None
    if old.names != new.names:
        return f"`code` must define {', '.join(old.names) or 'no function'} as before, and nothing else."
    if old.signatures != new.signatures:
        return f"the signature must stay: {'; '.join(old.signatures)}"
    return "`code` must hold the one function and nothing else." if old.alone and not new.alone else None


def telling(old: Iterable[Leaf], new: Iterable[Leaf], explanation: str) -> str | None:
    """A word in what was added that speaks of the change itself; None for none.

    In code and strings that is a word like `buggy`; in comments and documentation also one like `slower`, and any
    longer word of the explanation that the code did not have.
    """
    was = Counter((leaf.kind, leaf.text) for leaf in old)
    known = {word for _, text in was for word in _words(text)}
    own = {word for word in _words(explanation) if len(word) >= _LONG_WORD}
    added = Counter((leaf.kind, leaf.text) for leaf in new) - was
    for kind, text in added:
        for word in _words(text):
            if word in known:
                continue
            if _TELLS_ANYWHERE.fullmatch(word):
                return word
            if kind in ("comment", "docstring") and (_TELLS_IN_WORDS.fullmatch(word) or word in own):
                return word
    return None


def _words(text: str) -> list[str]:
    """Words in lower case, names taken apart."""
    return [part.lower() for run in _WORD.findall(text) for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+", run)]


def _names(code: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", code))


def _changed(old: tuple[Leaf, ...], new: tuple[Leaf, ...], words_count: bool) -> int:
    """Leaves that only one side has, an order that changed counting as one; 0 where the sides are the same.

    Comments and documentation count only towards a change that there is without them, unless `words_count`.
    """
    said = ("comment", "docstring")
    plain = [[_identity(leaf) for leaf in side if words_count or leaf.kind not in said] for side in (old, new)]
    if plain[0] == plain[1]:
        return 0
    first, second = (Counter((leaf.kind, leaf.text) for leaf in side) for side in (old, new))
    return max(1, ((first - second) + (second - first)).total())


def _identity(leaf: Leaf) -> tuple[str, str, int]:
    return leaf.kind, " ".join(leaf.text.split()) if leaf.kind in ("comment", "docstring") else leaf.text, leaf.level


def _shape(language: str, code: str, alone: bool = True) -> _Shape:
    """The shape of one function; of a text with several or none, of the text.

    Args:
        language: released spelling.
        code: the text.
        alone: whether it may be taken as one function, which a method without its class needs.

    Raises:
        ParseRefused: outside the bounds.
    """
    if alone:
        try:
            one = parse_snippet(language, code)
        except ParseRefused as error:
            if error.reason != "no_function":
                raise
        else:
            syntax, function = one.syntax, one.function
            found, _ = leaves(syntax, (one.offset, len(syntax.data) - one.tail))
            return _Shape(True, error_bytes(syntax.root), (function.name,), (function.signature,), tuple(found))
    syntax = parse(language, code)
    every = functions(syntax)
    found, _ = leaves(syntax, (0, len(syntax.data)))
    names, signatures = tuple(one.name for one in every), tuple(one.signature for one in every)
    return _Shape(False, error_bytes(syntax.root), names, signatures, tuple(found))

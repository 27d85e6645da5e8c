"""The instruction that leads to a function, without a model: from its documentation and signature.

It may lead to either side of a pair and must not show the answer, so a documentation that repeats the body is refused.
"""

import re
from functools import cache
from pathlib import Path
from random import Random

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from parsers.language import languages
from parsers.syntax import Function, Syntax

FORMS = 4
MIN_LEAK_CHARS = 24

_QUOTED = re.compile(r"`+([^`\n]+)`+|\"([^\"\n]{1,80})\"|'([^'\n]{1,80})'")
_CODE_WORD = re.compile(r"\b(?:\w*_\w*|\w*[a-z][A-Z]\w*|\w*\d\w*|\w+(?=\(\)))\b")
_WORD = re.compile(r"[^\W\d]\w*|\d+")


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent.parent / "prompts")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False).get_template("describe.jinja")  # noqa: S701


def instruction(language: str, function: Function, rng: Random) -> str:
    """The request that `function` answers, in one of several forms drawn from `rng`."""
    spoken = languages()[language]
    text = _template().render(
        form=rng.randrange(FORMS),
        language=language,
        fence=spoken.fence,
        word=spoken.function_word,
        name=function.name,
        signature=function.signature,
        doc=function.doc.strip(),
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def leaked_line(syntax: Syntax, function: Function) -> str | None:
    """A line of the body that the documentation repeats, white space folded; None where it repeats none."""
    doc = " ".join(function.doc.split())
    start = function.body.start_byte
    if function.doc_span is not None and function.doc_span[0] >= start:
        start = function.doc_span[1]
    body = syntax.data[start : function.body.end_byte].decode("utf-8", "replace")
    for line in body.split("\n"):
        folded = " ".join(line.split())
        if len(folded) >= MIN_LEAK_CHARS and not folded.startswith(("//", "#", "*", "/*")) and folded in doc:
            return folded
    return None


def protected_words(prompt: str) -> frozenset[str]:
    """Words that the prompt names as code or quotes; a mutation must not remove them.

    The fenced or quoted signature does not count: a parameter may be used wrongly, only not renamed.
    """
    prose = re.sub(r"```.*?```|`[^`\n]*\([^`\n]*\)[^`\n]*`", " ", prompt, flags=re.DOTALL)
    words = set(_CODE_WORD.findall(prose))
    for groups in _QUOTED.findall(prose):
        for group in groups:
            words.update(_WORD.findall(group))
    return frozenset(words)

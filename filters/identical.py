"""Identical: sides that don't differ in anything but white space, and prompts that give a side away."""

from typing import Literal

from pydantic import Field

from filters.base import Filter, Refusal
from parsers.language import languages
from parsers.syntax import parse, walk
from schemas.errors import ParseRefused
from schemas.records import Pair


class Identical(Filter):
    """Pairs without a difference to learn, and pairs whose prompt holds an answer.

    Attributes:
        leak: whether a prompt that holds a whole side is refused too; off for tasks that show the code to improve.
        min_leak: characters, white space folded, from which a side found in the prompt is no accident.
    """

    kind: Literal["identical"] = "identical"
    leak: bool = True
    min_leak: int = Field(default=20, ge=1)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`identical` where the sides have the same tokens, `leak` where the prompt holds a whole side."""
        if pair.chosen == pair.rejected:
            return Refusal("identical", "both sides are the same text")
        if same_tokens(pair.language, pair.chosen, pair.rejected):
            return Refusal("identical", "the sides differ in white space only")
        if self.leak:
            prompt = _fold(pair.prompt)
            for side, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
                folded = _fold(answer)
                if len(folded) >= self.min_leak and folded in prompt:
                    return Refusal("leak", f"the prompt holds the {side} side whole")
        return None


def same_tokens(language: str, left: str, right: str) -> bool:
    """Whether two texts have the same tokens at the same places of their trees.

    White space between tokens and inside comments is ignored; inside a string it counts, and so does indentation where
    it changes the tree. Text without a grammar, or outside the parser's bounds, is compared without any white space.
    """
    if "".join(left.split()) != "".join(right.split()):
        return False  # cheap, and enough for nearly every pair
    if language not in languages():
        return True
    try:
        return _tree(language, left) == _tree(language, right)
    except ParseRefused:
        return True


def _tree(language: str, text: str) -> list[tuple[int, str]]:
    """(level, text) of every token and (level, kind) of every node above, in the order of the text."""
    syntax = parse(language, text)
    nodes = []
    for node, level in walk(syntax.root):
        if node.child_count:
            nodes.append((level, node.type))
        elif (token := syntax.text(node)).strip():  # a line's end is a token in some grammars
            nodes.append((level, "".join(token.split()) if "comment" in node.type else token))
    return nodes


def _fold(text: str) -> str:
    return " ".join(text.split())

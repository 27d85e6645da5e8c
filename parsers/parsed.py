"""The last few parsed texts of this process: several filters in a row ask for the trees of the same two sides."""

from functools import lru_cache

from parsers.syntax import Syntax, parse

KEPT = 8
"""Trees kept at most; a pair has two, and each is of a text of at most `parsers.syntax.MAX_BYTES`."""


@lru_cache(maxsize=KEPT)
def parsed(language: str, text: str) -> Syntax:
    """`parse(language, text)`, from memory where it was among the last `KEPT` asked for.

    A refusal is not kept: it is raised anew each time.

    Raises:
        ParseRefused: as `parse` does.
    """
    return parse(language, text)

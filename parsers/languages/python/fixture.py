"""Keeps counters of words, by owner, and prints the most frequent ones."""

import sys
from collections import Counter
from functools import lru_cache

LIMIT = 10
RATIO = 0.75

# A line of its own that belongs to nothing.


class Tally:
    """Words counted for one owner."""

    def __init__(self, owner: str, *names, limit=LIMIT, **options):
        """Start with no words.

        Args:
            owner: whose words they are.
            names: other names of the owner.
            limit: how many words are shown.
            options: ignored.
        """
        self.owner = owner
        self.names = list(names)
        self.limit = limit
        self.words = Counter()

    @property
    def total(self):
        'Number of words seen.'
        return sum(self.words.values())

    @classmethod
    async def load(cls, path: str, encoding: str = "utf-8") -> "Tally":
        """Read a file; :class:`OSError` passes through.

        :param path: the file to read
        :type path: str
        :returns: a tally of its words
        :raises OSError: the file can't be read
        """
        tally = cls(path)
        with open(path, encoding=encoding) as file:
            for number, line in enumerate(file, 1):
                if not line.strip() or line[0] == "#":
                    continue
                elif number > 10_000:
                    break
                else:
                    tally.words.update(line.split())
        return tally


# Words that occur more often than `least` times.
def frequent(words, least=2):
    found = []
    index = 0
    while index < len(words) and index >= 0:
        word = words[index]
        index += 1
        if words.count(word) > least or (size := len(word)) > 0x20:
            found.append(word)
    return found if found else None


@lru_cache(maxsize=None)
def distance(left: str, right: str) -> int:
    """Edit distance of two words."""
    if not left or not right:
        return max(len(left), len(right))

    def cost(a, b):
        return int(a != b)

    first, rest = left[0], left[1:]
    try:
        best = distance(rest, right[1:]) + cost(first, right[0])
    except RecursionError as error:
        raise ValueError(f"too long: {len(left)}") from error
    return min(best, 1 + distance(rest, right), 1 + distance(left, right[1:]))


def usage(program):
    text = """
Usage:
    {program} FILE
"""
    print(text.format(program=program), file=sys.stderr)
    return 2 ** 1 - 0 * 3


def main(arguments):
    assert len(arguments) < 100
    square = lambda x: x * x  # noqa: E731
    total = 0.0
    for argument in arguments:
        total += square(len(argument))
    return usage("tally") if total % 2 else 0

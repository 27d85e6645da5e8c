"""Which of a set of texts another one is nearest to: exact Jaccard similarity of shingles, by prefixes of their sets.

There is no signature here and so nothing that a signature could miss. A set is only compared with the sets that share a
member of its prefix (`near_kernels`), about a quarter of its shingles at the threshold .75, and only where their sizes
let them be near; a comparison ends as soon as they can't be. Jaccard is exact over 64-bit hashes, as `minhash` says.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from filters.hashing import Hashes
from filters.minhash import SHINGLE, shingles

HOT = 32
"""Texts with a shingle from which on it counts as common, and comes last in the order that prefixes are taken in."""

_MAX_BUCKET_BITS = 26
_PER_BUCKET_BITS = 2  # about four members of prefixes a bucket


class Near(NamedTuple):
    """The nearest text of an index.

    Attributes:
        id: of that text.
        jaccard: similarity, 0 to 1.
    """

    id: str
    jaccard: float


@dataclass(frozen=True, slots=True, eq=False)
class _Prefixes:
    """The inverted index of one threshold; see `near_kernels.nearest`."""

    hot: Hashes
    buckets: NDArray[np.int32]
    keys: NDArray[np.uint32]
    owners: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class NearIndex:
    """Shingles of texts, to look up another text's. Picklable.

    Memory: 8 bytes a shingle (about one a token), which is also what is pickled. The first look-up at a threshold adds
    9 bytes a shingle of a prefix, so 2.5 a shingle at .75, and takes up to 10 more a shingle while it makes that.

    Attributes:
        size: tokens of a shingle.
        hashes: the texts' shingles, of each text ascending and each once, shape (N,).
        starts: text i has hashes[starts[i]:starts[i + 1]], shape (D + 1,).
        ids: of the texts.
    """

    size: int
    hashes: Hashes
    starts: NDArray[np.int64]
    ids: tuple[str, ...]
    _made: dict[float, _Prefixes] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def build(cls, texts: Iterable[tuple[str, str]], size: int = SHINGLE) -> Self:
        """The index of (id, text) pairs. Of texts with the same shingles the first stands for all."""
        return next(cls.slices(texts, size, sys.maxsize))

    @classmethod
    def slices(cls, texts: Iterable[tuple[str, str]], size: int, most: int) -> Iterator[Self]:
        """Indexes of the texts in order, at least one, each ended by the text that brings it to `most` shingles."""
        ids: list[str] = []
        starts, hashes = array("q", [0]), array("Q")
        known: set[bytes] = set()
        for id_, text in texts:
            if len(hashes) >= most:
                yield cls._of(size, hashes, starts, ids)
                ids, starts, hashes = [], array("q", [0]), array("Q")
                known.clear()
            own = shingles(text, size).tobytes()
            digest = blake2b(own, digest_size=16).digest()
            if own and digest not in known:
                known.add(digest)
                ids.append(id_)
                hashes.frombytes(own)
                starts.append(len(hashes))
        yield cls._of(size, hashes, starts, ids)

    @classmethod
    def _of(cls, size: int, hashes: "array[int]", starts: "array[int]", ids: list[str]) -> Self:
        return cls(size, np.frombuffer(hashes, dtype=np.uint64), np.frombuffer(starts, dtype=np.int64), tuple(ids))

    def __reduce__(self) -> tuple[Any, ...]:
        """Without what a look-up made."""
        return type(self), (self.size, self.hashes, self.starts, self.ids)

    def nearest(self, text: str, threshold: float) -> Near | None:
        """The text of highest similarity to `text`, or None where none is at `threshold` (above 0) or over it.

        Of equally near ones it is the first of those given; a text without tokens is near to nothing.
        """
        return self.nearest_many((text,), threshold)[0]

    def nearest_many(self, texts: Sequence[str], threshold: float) -> list[Near | None]:
        """`nearest` of each text, in order."""
        from filters.near_kernels import nearest  # compiled at first use

        made = self._made.get(threshold) or self._prefixes(threshold)
        seen = np.zeros(len(self.ids), dtype=np.int32)
        answers: list[Near | None] = []
        for turn, text in enumerate(texts, start=1):
            own, found, similarity = shingles(text, self.size), -1, 0.0
            if len(own):
                found, similarity = nearest(
                    own, self.hashes, self.starts, made.hot, made.buckets, made.keys, made.owners, seen, turn, threshold
                )
            answers.append(None if found < 0 else Near(self.ids[found], float(similarity)))
        return answers

    def _prefixes(self, threshold: float) -> _Prefixes:
        from filters.near_kernels import prefixes

        hot = _common(self.hashes)
        members, owners = prefixes(self.hashes, self.starts, hot, threshold)
        order = np.argsort(members, kind="stable")
        members, owners = members[order], owners[order]
        bits = min(max(len(members).bit_length() - _PER_BUCKET_BITS, 1), _MAX_BUCKET_BITS)
        bounds = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
        buckets = np.append(np.searchsorted(members, bounds), len(members)).astype(np.int32)
        made = _Prefixes(hot, buckets, members.astype(np.uint32), owners)
        self._made[threshold] = made
        return made


def _common(hashes: Hashes) -> Hashes:
    """Shingles that more than `HOT` texts have, ascending."""
    ordered = np.sort(hashes)
    return np.unique(ordered[HOT:][ordered[HOT:] == ordered[:-HOT]])

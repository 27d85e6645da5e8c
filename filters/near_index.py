"""Which of a set of texts another one is nearest to: exact Jaccard similarity of shingles through an inverted index.

There is no signature here and so nothing that a signature could miss: every shingle of the set is looked up. It is for
a set that is small beside what is held against it, such as a benchmark.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from filters.hashing import Hashes
from filters.minhash import SHINGLE, shingles


class Near(NamedTuple):
    """The nearest text of an index.

    Attributes:
        id: of that text.
        jaccard: similarity, 0 to 1.
    """

    id: str
    jaccard: float


@dataclass(frozen=True, slots=True, eq=False)
class NearIndex:
    """Shingles of texts, to look up another text's. Picklable; 12 bytes a shingle.

    Attributes:
        size: tokens of a shingle.
        hashes: of all shingles of all texts, ascending, shape (N,).
        owners: index into `ids` of each shingle, shape (N,).
        counts: shingles of each text, shape (D,).
        ids: of the texts.
    """

    size: int
    hashes: Hashes
    owners: NDArray[np.int32]
    counts: NDArray[np.int64]
    ids: tuple[str, ...]

    @classmethod
    def build(cls, texts: Iterable[tuple[str, str]], size: int = SHINGLE) -> Self:
        """The index of (id, text) pairs."""
        ids, found = [], []
        for id_, text in texts:
            ids.append(id_)
            found.append(shingles(text, size))
        counts = np.array([len(one) for one in found], dtype=np.int64)
        hashes = np.concatenate(found) if found else np.empty(0, dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        owners = np.repeat(np.arange(len(ids), dtype=np.int32), counts)[order]
        return cls(size, hashes[order], owners, counts, tuple(ids))

    def nearest(self, text: str, threshold: float) -> Near | None:
        """The text of highest similarity to `text`, or None where none is at `threshold` (above 0) or over it.

        Of equally near ones it is the first of those given; a text without tokens is near to nothing.
        """
        own = shingles(text, self.size)
        first = np.searchsorted(self.hashes, own, side="left")
        found = np.searchsorted(self.hashes, own, side="right") - first
        total = int(found.sum())
        if not total or total + 1 < threshold * len(own):  # all together share less than one at the threshold would
            return None
        places = np.repeat(first - (np.cumsum(found) - found), found) + np.arange(total)
        owners, common = np.unique(self.owners[places], return_counts=True)
        similarity = common / (len(own) + self.counts[owners] - common)
        best = int(np.argmax(similarity))
        if similarity[best] < threshold:
            return None
        return Near(self.ids[int(owners[best])], float(similarity[best]))

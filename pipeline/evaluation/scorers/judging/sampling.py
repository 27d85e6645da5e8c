"""Draws one token a row, each row from a random source of its own, so that no other row matters to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Drawing:
    """A logits processor for `generate(do_sample=False)`: it leaves of each row only the token that it drew.

    Attributes:
        sources: of randomness, one a row.
        temperature: above 0.
        top_k: likeliest tokens that are kept; 0 for all.
        top_p: then the fewest likeliest tokens that together have this share; 1 for all.
        min_p: then those at least as probable as this share of the likeliest one; 0 for all.
    """

    sources: Sequence[Random]
    temperature: float
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __call__(self, input_ids: Any, logits_BV: Any) -> Any:
        """Logits (B, V) in which all but each row's drawn token are minus infinity."""
        import torch

        probs_BV = (logits_BV.double() / self.temperature).softmax(-1)
        probs_BV, order_BV = probs_BV.sort(dim=-1, descending=True, stable=True)
        drawn_BV = torch.full_like(logits_BV, -math.inf)
        for b, source in enumerate(self.sources):
            kept_K = probs_BV[b, : self._kept(probs_BV[b])]
            ends_K = kept_K.cumsum(0)
            place = int(torch.searchsorted(ends_K, source.random() * float(ends_K[-1]), right=True))
            drawn_BV[b, order_BV[b, min(place, len(kept_K) - 1)]] = 0.0
        return drawn_BV

    def _kept(self, probs_V: Any) -> int:
        """How many of the likeliest tokens are kept; at least one.

        Args:
            probs_V: falling.
        """
        most = min(self.top_k or len(probs_V), len(probs_V))
        before_K = probs_V[:most].cumsum(0) - probs_V[:most]
        share = float(probs_V[:most].sum()) * self.top_p
        kept_K = (before_K < share) & (probs_V[:most] >= self.min_p * probs_V[0])
        return max(1, int(kept_K.sum()))

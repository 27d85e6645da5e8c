"""What a filter is: options of its own, and a pure answer to "why not?"."""

from abc import abstractmethod
from typing import NamedTuple

from schemas.config import Options
from schemas.records import Pair


class Refusal(NamedTuple):
    """Why a pair is not kept.

    Attributes:
        reason: snake_case, one of few; what the funnel counts.
        detail: the measured value and the bound.
    """

    reason: str
    detail: str


class Filter(Options):
    """Base of every filter's options. `kind` names the filter in the configuration and in each kept pair's lineage."""

    kind: str

    def ready(self) -> None:
        """Load what the filter needs, once, before any record is touched.

        Raises:
            ConfigError: it can't be had.
        """

    def mend(self, pair: Pair) -> Pair:
        """The pair as it may be kept: another one where the filter redacts, with a step `redact/<kind>` a side."""
        return pair

    @abstractmethod
    def refuse(self, pair: Pair) -> Refusal | None:
        """Why `pair` is not kept, or None; a pure function of the pair, which was mended before."""

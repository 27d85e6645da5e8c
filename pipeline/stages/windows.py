"""The two stretches of time that a split keeps apart: no change of the benchmark is older than what training has seen.

The days are the paper's: training before March 2019, the benchmark from June 2019 to January 2021.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from pydantic import model_validator

from schemas.config import Options


class Windows(Options):
    """Days in UTC.

    Attributes:
        train_before: the first day that training has nothing of.
        benchmark_from: the first day of the benchmark.
        benchmark_to: its last day, which belongs to it.
    """

    train_before: date = date(2019, 3, 1)
    benchmark_from: date = date(2019, 6, 1)
    benchmark_to: date = date(2021, 1, 31)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.train_before <= self.benchmark_from <= self.benchmark_to:
            days = f"{self.train_before}, {self.benchmark_from}, {self.benchmark_to}"
            raise ValueError(f"{days}: train_before, benchmark_from and benchmark_to must follow each other")
        return self

    def of(self, *seconds: int) -> str | None:
        """`train` or `benchmark` where all times (Unix seconds, at least one) are in that window; None for neither."""
        if all(moment < _begin(self.train_before) for moment in seconds):
            return "train"
        first, end = _begin(self.benchmark_from), _begin(self.benchmark_to + timedelta(days=1))
        return "benchmark" if all(first <= moment < end for moment in seconds) else None


def _begin(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())

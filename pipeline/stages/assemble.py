"""Assemble: kept pairs to shards with the released columns, their provenance beside them, and counts for the card."""

import math
from collections.abc import Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import Any

import apache_beam as beam
from pydantic import Field, model_validator

from parsers.language import languages
from pipeline.beam import WriteTable
from pipeline.stages.selection import balanced, length_side, operator_of
from schemas import contract
from schemas.config import Options
from schemas.conversation import draw_system_prompt
from schemas.criteria import CRITERIA
from schemas.provenance import seeded, sha256
from schemas.records import Curated

STAGE = "assemble"
PLACEBO = ("placebo", "placebo_provenance")
"""Folders, below `dataset/` and `benchmark/`, of the pairs whose label is a tie, and of their provenance."""
_SUBSETS = {"commit": "COMMITS", "bug": "MODELS", "degrade": "MODELS", "fix": "MODELS"}
KEPT = ("dataset/data", "dataset/placebo", "benchmark/data", "benchmark/placebo")
"""Folders of a run in which each kept pair is once."""


class SystemPromptShares(Options):
    """How often a training pair has which system prompt; the shares sum to one."""

    none: float = Field(default=0.15, ge=0, le=1)
    own: float = Field(default=0.60, ge=0, le=1)
    all: float = Field(default=0.25, ge=0, le=1)

    @model_validator(mode="after")
    def _sum_to_one(self) -> "SystemPromptShares":
        total = self.none + self.own + self.all
        if not math.isclose(total, 1.0, abs_tol=1e-6):
            raise ValueError(f"none, own and all sum to {total:g}, must sum to 1")
        return self


class AssembleOptions(Options):
    """How the shards are laid out.

    Attributes:
        shards: of the training set; fixed from then on, a takedown keeps it.
        benchmark_shards: of the benchmark.
        system_prompts: shares of the three kinds.
    """

    shards: int = Field(default=4, ge=1)
    benchmark_shards: int = Field(default=1, ge=1)
    system_prompts: SystemPromptShares = SystemPromptShares()


class Assemble(beam.PTransform):
    """Kept pairs to shards.

    Args:
        root: the run's folder.
        options: of the stage.
        seed: of the run.
    """

    def __init__(self, root: str, options: AssembleOptions, seed: int) -> None:
        super().__init__()
        self.root = root
        self.options = options
        self.seed = seed

    def expand(self, curated: Any) -> Any:
        """The wiring: `files` (receipts) and `counts`."""
        labelled = curated | beam.Filter(_has_winner)
        ties = curated | "placebos" >> beam.Filter(_is_tie)
        train = labelled | "training pairs" >> beam.Filter(_in_split, "train")
        even = train | beam.Map(_stratum) | beam.GroupByKey() | "sample" >> beam.FlatMap(_balanced_of, self.seed)
        files = (
            *self._training(train, "data", "provenance"),
            self._rows(even, "balanced"),
            *self._training(ties | "training ties" >> beam.Filter(_in_split, "train"), *PLACEBO),
            *self._benchmark(labelled | "benchmark pairs" >> beam.Filter(_in_split, "benchmark"), "data", "provenance"),
            *self._benchmark(ties | "benchmark ties" >> beam.Filter(_in_split, "benchmark"), *PLACEBO),
        )
        counted = (
            (curated | beam.Map(_cell, False), even | "even cell" >> beam.Map(_cell, True))
            | "cells" >> beam.Flatten()
            | beam.combiners.Count.PerElement()
        )
        return {"files": files | "all files" >> beam.Flatten(), "counts": counted}

    def _rows(self, pairs: Any, folder: str) -> Any:
        schema = contract.training_schema(tuple(languages()))
        row = partial(training_row, options=self.options, seed=self.seed)
        folder, shards = f"dataset/{folder}", self.options.shards
        return pairs | folder >> WriteTable(self.root, folder, "train", schema, row, itemgetter("idx"), shards)

    def _training(self, pairs: Any, data: str, beside: str) -> tuple[Any, Any]:
        folder, by_idx, shards = f"dataset/{beside}", itemgetter("idx"), self.options.shards
        write = WriteTable(self.root, folder, "train", contract.PROVENANCE, provenance_row, by_idx, shards)
        return self._rows(pairs, data), pairs | folder >> write

    def _benchmark(self, pairs: Any, data: str, beside: str) -> tuple[Any, Any]:
        by_id, shards = itemgetter("id"), self.options.benchmark_shards
        data, beside = f"benchmark/{data}", f"benchmark/{beside}"
        schema = contract.BENCHMARK_PROVENANCE
        return (
            pairs | data >> WriteTable(self.root, data, "test", contract.BENCHMARK, benchmark_row, by_id, shards),
            pairs | beside >> WriteTable(self.root, beside, "test", schema, benchmark_provenance_row, by_id, shards),
        )


def training_row(curated: Curated, options: AssembleOptions, seed: int) -> dict[str, Any]:
    """A training row with the released columns; its system prompt is drawn from the pair's own random source."""
    pair = curated.pair
    shares = options.system_prompts
    labels = contract.language_labels(tuple(languages()))
    rng = seeded(seed, "system_prompt", pair.id)
    return {
        "system": draw_system_prompt(pair.criterion, (shares.none, shares.own, shares.all), rng),
        "input": pair.prompt,
        "chosen": pair.chosen,
        "rejected": pair.rejected,
        "language": labels.index(pair.language),
        "aspect": CRITERIA[pair.criterion].id,
        "source": pair.origin.source,
        "idx": pair.id,
    }


def provenance_row(curated: Curated) -> dict[str, Any]:
    """The row of `dataset/provenance/` that belongs to a training row."""
    pair = curated.pair
    return {
        "idx": pair.id,
        "cluster": pair.cluster,
        **contract.origin_row(pair.origin),
        "window": pair.window,
        "kind": pair.kind,
        "label": pair.label,
        "weight": pair.weight,
        "spans": contract.spans_row(pair.spans),
        "chosen_sha256": sha256(pair.chosen.encode()),
        "rejected_sha256": sha256(pair.rejected.encode()),
        "steps": contract.steps_row(pair.steps),
        "filters": list(curated.filters),
    }


def benchmark_provenance_row(curated: Curated) -> dict[str, Any]:
    """The same for a benchmark row, whose key is `id`."""
    row = provenance_row(curated)
    return {"id": row.pop("idx"), **row}


def benchmark_row(curated: Curated) -> dict[str, Any]:
    """A benchmark row with the released columns and spellings; the subset says how the pair was made."""
    pair = curated.pair
    return {
        "prompt": pair.prompt,
        "chosen": pair.chosen,
        "rejected": pair.rejected,
        "language": contract.BENCHMARK_LANGUAGES.get(pair.language, pair.language),
        "aspect": CRITERIA[pair.criterion].benchmark_name,
        "subset": _SUBSETS.get(operator_of(pair).partition("/")[0], "MUTANTS"),
        "id": pair.id,
    }


def _is_tie(curated: Curated) -> bool:
    return curated.pair.kind == "placebo"


def _has_winner(curated: Curated) -> bool:
    return not _is_tie(curated)


def _in_split(curated: Curated, split: str) -> bool:
    return curated.split == split


def _stratum(curated: Curated) -> tuple[tuple[str, str], Curated]:
    return (curated.pair.criterion, curated.pair.language), curated


def _balanced_of(item: tuple[tuple[str, str], Iterable[Curated]], seed: int) -> Iterator[Curated]:
    members = list(item[1])
    kept = balanced({one.pair.id: length_side(one.pair.chosen, one.pair.rejected) for one in members}, seed)
    yield from (one for one in members if one.pair.id in kept)


def _cell(curated: Curated, even: bool) -> str:
    pair = curated.pair
    split = "balanced" if even else "placebo" if _is_tie(curated) else curated.split
    side = length_side(pair.chosen, pair.rejected)
    return "\t".join((split, pair.criterion, pair.language, operator_of(pair), side, pair.kind))

"""The whole lineage of one pair."""

from dataclasses import dataclass
from typing import Any

import yaml

from pipeline import manifest, storage
from pipeline.audit.verify import BESIDE
from pipeline.config import RunConfig
from schemas import contract
from schemas.config import validate
from schemas.errors import ConfigError
from schemas.provenance import Origin, Step


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a pair came from and what made it.

    Attributes:
        id: of the pair.
        split: `train` or `benchmark`.
        shard: file that holds it.
        row: the pair's training or benchmark row.
        provenance: its provenance row.
    """

    id: str
    split: str
    shard: str
    row: dict[str, Any]
    provenance: dict[str, Any]

    @property
    def origin(self) -> Origin:
        """Where its code was read."""
        return contract.origin_from_row(self.provenance)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What made each side."""
        return contract.steps_from_row(self.provenance["steps"])


def find(root: str, pair_id: str) -> Lineage:
    """The lineage of the pair whose id is, or begins with, `pair_id` (at least eight characters).

    Raises:
        ConfigError: no pair, or more than one, has such an id.
    """
    made = manifest.required(root)
    if "assemble" not in made.stages:
        raise ConfigError(f"{root}: the run has no data set yet. `themis run` goes on with it.")
    if len(pair_id) < 8:
        raise ConfigError(f"{pair_id!r}: give at least eight characters of the pair's id (column idx, or id).")
    found = []
    for data, beside, key in BESIDE:
        split = "train" if data.startswith("dataset/") else "benchmark"
        for path in made.stages["assemble"].table(beside):
            provenance = storage.read_table(storage.join(root, path))
            places = [i for i, id_ in enumerate(provenance.column(key).to_pylist()) if id_.startswith(pair_id)]
            shard = path.replace(beside, data)
            for place in places:
                row = storage.read_table(storage.join(root, shard)).slice(place, 1).to_pylist()[0]
                found.append(Lineage(row[key], split, shard, row, provenance.slice(place, 1).to_pylist()[0]))
    if len(found) != 1:
        told = (
            f"{len(found)} pairs have an id that begins so; give more of it" if found else "no pair of the run has it"
        )
        raise ConfigError(f"{pair_id}: {told}.")
    return found[0]


def run_config(root: str) -> RunConfig:
    """The configuration that a run was made with, as its folder keeps it."""
    table = yaml.safe_load(storage.read_bytes(storage.join(root, "config.yaml")))
    return validate(RunConfig, table, storage.join(root, "config.yaml"))

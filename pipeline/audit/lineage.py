"""The whole lineage of one pair, and its rebuilding from the public source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline import manifest, storage
from pipeline.config import RunConfig
from pipeline.stages.mine import mine
from schemas import contract
from schemas.config import validate
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import Origin, Step, sha256
from schemas.records import Candidate
from synthesis.backends.mutation import redo


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
    for split, folder, key in (("train", "dataset", "idx"), ("benchmark", "benchmark", "id")):
        for path in made.stages["assemble"].table(f"{folder}/provenance"):
            provenance = storage.read_table(storage.join(root, path))
            places = [i for i, id_ in enumerate(provenance.column(key).to_pylist()) if id_.startswith(pair_id)]
            shard = path.replace("/provenance/", "/data/")
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


def replay(root: str, lineage: Lineage) -> dict[str, bool]:
    """Rebuild both sides from the pair's source; returns whether each side's bytes, and the prompt's, are the same.

    Raises:
        SourceUnavailable: the source can't be had any more, or is another text.
        CheckFailed: the code of this version makes other candidates or mutants of it.
    """
    config = run_config(root)
    source = {source.name: source for source in config.sources}[lineage.origin.source]
    record = source.replay(lineage.origin, Path(config.execution.cache).expanduser())
    candidate = _candidate(mine(record, config.mine, config.seed, source.windowed), lineage)
    sides = {step.side: _side(candidate, step) for step in lineage.steps}
    prompt = lineage.row["input" if lineage.split == "train" else "prompt"]
    same = {side: sha256(text.encode()) == lineage.provenance[f"{side}_sha256"] for side, text in sides.items()}
    return {**same, "prompt": candidate.instruction == prompt}


def _candidate(children: Any, lineage: Lineage) -> Candidate:
    found = [child for child in children if isinstance(child, Candidate)] if isinstance(children, list) else []
    for child in found:
        if child.id == lineage.provenance["cluster"]:
            return child
    raise CheckFailed(
        f"{lineage.origin.path}: this code mines {len(found)} candidates there, none of them this pair's."
    )


def _side(candidate: Candidate, step: Step) -> str:
    if step.name in ("source", "commit/after"):
        return candidate.after
    if step.name == "commit/before":
        assert candidate.before is not None
        return candidate.before
    return redo(candidate, step)

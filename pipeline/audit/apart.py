"""Whether held-out pairs are apart from what runs train on, by the rules that make a run's split.

See `pipeline/audit/firewall.py` for what each rule means; there one run's tables are checked, here pairs of any run are
held against the training sets of several.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from filters.decontaminate import GramTable
from filters.near_index import NearIndex
from parsers.clones import clone_key
from pipeline import certificate, manifest, shards, storage
from pipeline.audit.firewall import SLICE_SHINGLES
from pipeline.certificate import Side
from pipeline.evaluation.build import Row
from pipeline.stages.split import groups
from schemas import contract
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import sha256

REASONS = ("duplicate", "shared_repository", "shared_blob", "shared_cluster", "contaminated", "syntax_clone",
           "near_training")  # fmt: skip
_LANGUAGES = {spelled: name for name, spelled in contract.BENCHMARK_LANGUAGES.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run.

    Attributes:
        root: its folder.
        name: as its configuration says.
        rules: of its split, see `certificate.rules`.
        files: receipts of its shards.
    """

    root: str
    name: str
    rules: dict[str, Any]
    files: tuple[dict[str, Any], ...]


def open_run(root: str) -> Run:
    """A run whose shards are as its manifest says.

    Raises:
        RunFolderError: it is not a run's folder.
        ConfigError: it has not come to its shards.
        CheckFailed: a shard is missing or is not the one that was written.
    """
    made = manifest.required(root)
    if "assemble" not in made.stages:
        raise ConfigError(f"{root}: has no shards yet. Finish it with `themis run`.")
    receipts = made.stages["assemble"].files
    for file in receipts:
        path = storage.join(root, file["path"])
        if not storage.exists(path) or sha256(storage.read_bytes(path)) != file["sha256"]:
            raise CheckFailed(f"{path}: missing, or not the file that the manifest names. Run `themis verify {root}`.")
    return Run(root, made.name, certificate.rules_of(root), receipts)


@dataclass(frozen=True, slots=True)
class Training:
    """What all the runs train on.

    Attributes:
        runs: they are read again where texts are compared.
        side: for the certificate.
        clusters: of its pairs.
    """

    runs: tuple[Run, ...]
    side: Side
    clusters: frozenset[str]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> "Training":
        """Everything that these runs train on."""
        side, clusters = Side(), set()
        for run in runs:
            one, _ = certificate.sides(run.root, run.files)
            side.pairs += one.pairs
            side.files |= one.files
            side.links |= one.links
            side.windows.update(one.windows)
            side.clones = {**one.clones, **side.clones}
            clusters |= {row[0] for row in shards.rows(run.root, run.files, "train", ("cluster",), beside=True)}
        return cls(tuple(runs), side, frozenset(cluster for cluster in clusters if cluster))

    def prompts(self) -> Iterator[tuple[str, str]]:
        """(id, prompt) of every row."""
        for run in self.runs:
            for row in shards.rows(run.root, run.files, "train", ("idx", "input"), beside=False):
                yield row[0], row[1]

    def texts(self) -> Iterator[tuple[str, str]]:
        """(id, side) of every row, both sides."""
        for run in self.runs:
            for id_, _, *both in shards.texts(run.root, run.files, "train"):
                for text in both:
                    yield id_, text


def conflicts(rows: Sequence[Row], train: Training) -> dict[str, str]:
    """Id of each held-out pair that is not apart from the training sets, to the first of `REASONS` that says why."""
    found: dict[str, str] = {}
    trained = {repo for repo, _ in train.side.links}
    group_of = groups(train.side.links | {(row.origin["repo"], row.origin["family"]) for row in rows})
    held = {group_of[repo] for repo in trained}
    for row in rows:
        files_of = {row.origin["blob_sha256"], row.origin["before_sha256"]} - {None}
        if group_of[row.origin["repo"]] in held:
            found[row.id] = "shared_repository"
        elif files_of & train.side.files:
            found[row.id] = "shared_blob"
        elif row.origin["cluster"] in train.clusters:
            found[row.id] = "shared_cluster"
    _prompts(rows, train, found)
    for row in rows:
        if row.id not in found and any(key in train.side.clones for key in keys_of(row)):
            found[row.id] = "syntax_clone"
    _near(rows, train, found)
    return found


def _prompts(rows: Sequence[Row], train: Training, found: dict[str, str]) -> None:
    """Mark the rows whose prompt shares a run of words with a training prompt."""
    table = GramTable.build(train.prompts(), min(run.rules["thresholds"]["shared_words"] for run in train.runs))
    for row in rows:
        if row.id not in found and table.hit(row.data["prompt"]) is not None:
            found[row.id] = "contaminated"


def _near(rows: Sequence[Row], train: Training, found: dict[str, str]) -> None:
    """Mark the rows of which a side is near a training side."""
    thresholds = [run.rules["thresholds"] for run in train.runs]
    for size in sorted({said["near_shingle_tokens"] for said in thresholds}):
        least = min(said["near_jaccard"] for said in thresholds if said["near_shingle_tokens"] == size)
        for index in NearIndex.slices(train.texts(), size, SLICE_SHINGLES):
            open_rows = [row for row in rows if row.id not in found]
            for side in ("chosen", "rejected"):
                near = index.nearest_many([row.data[side] for row in open_rows], least)
                for row, hit in zip(open_rows, near, strict=True):
                    if hit is not None:
                        found[row.id] = "near_training"


def keys_of(row: Row) -> Iterator[str]:
    """Clone keys of a row's sides."""
    language = _LANGUAGES.get(row.data["language"], row.data["language"])
    for side in ("chosen", "rejected"):
        key = clone_key(language, row.data[side])
        if key is not None:
            yield key

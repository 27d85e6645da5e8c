"""The manifest: what a run has made so far. A stage that it does not name has not happened."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pipeline import storage
from schemas.errors import CheckFailed, RunFolderError

NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One finished stage.

    Attributes:
        key: of its configuration, inputs and code; an equal key means there is nothing to do.
        seconds: it took.
        counts: `in, expanded, dropped_in, dead_in, children, kept, dropped, dead`, for stages of records.
        files: receipts (`path, sha256, rows, bytes`), ordered by path; rows is None where a file has none.
    """

    key: str
    seconds: float
    counts: dict[str, int]
    files: tuple[dict[str, Any], ...]

    def table(self, folder: str) -> list[str]:
        """Paths of its files directly in `folder`."""
        return [file["path"] for file in self.files if file["path"].rsplit("/", 1)[0] == folder]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run has made.

    Attributes:
        name: of the run.
        seed: of the run.
        identity: of the configuration that the folder belongs to.
        themis: version.
        warnings: of sources that were not there.
        stages: finished ones, in order.
    """

    name: str
    seed: int
    identity: str
    themis: str
    warnings: tuple[str, ...] = ()
    stages: dict[str, StageEntry] = field(default_factory=dict)

    def with_stage(self, name: str, entry: StageEntry) -> "Manifest":
        """With `name` finished."""
        return replace(self, stages={**self.stages, name: entry})

    def before(self, name: str, order: tuple[str, ...]) -> "Manifest":
        """With only the stages before `name`."""
        earlier = order[: order.index(name)]
        return replace(self, stages={key: entry for key, entry in self.stages.items() if key in earlier})

    def save(self, root: str) -> None:
        """Write it: the commit point of all that it names."""
        storage.write_json(storage.join(root, NAME), asdict(self))


def load(root: str) -> Manifest | None:
    """The manifest of a run's folder, or None where there is none yet.

    Raises:
        RunFolderError: it can't be read.
    """
    path = storage.join(root, NAME)
    if not storage.exists(path):
        return None
    try:
        table = json.loads(storage.read_bytes(path))
        stages = {
            name: StageEntry(entry["key"], entry["seconds"], entry["counts"], tuple(entry["files"]))
            for name, entry in table.pop("stages").items()
        }
        table["warnings"] = tuple(table["warnings"])
        return Manifest(**table, stages=dict(sorted(stages.items(), key=lambda item: _place(item[0]))))
    except (ValueError, KeyError, TypeError) as error:
        raise RunFolderError(f"{path}: not a manifest of this version ({error}). Choose another --out.") from None


def required(root: str) -> Manifest:
    """The manifest of a run's folder.

    Raises:
        RunFolderError: there is none.
    """
    found = load(root)
    if found is None:
        raise RunFolderError(f"{root}: no manifest.json here, so it is not a run's folder. `themis run` makes one.")
    return found


ORDER = ("mine", "synthesize", "curate", "assemble", "train", "evaluate", "report")
"""Stages in the order in which they happen."""


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def check_sums(stage: str, counts: dict[str, int]) -> None:
    """Nothing vanished: `in = expanded + dropped_in + dead_in` and `children = kept + dropped + dead`.

    Raises:
        CheckFailed: a sum does not hold.
    """
    into = counts["expanded"] + counts["dropped_in"] + counts["dead_in"]
    if counts["in"] != into:
        raise CheckFailed(f"{stage}: {counts['in']} records in, {into} accounted for. Rows were lost: {counts}")
    out = counts["kept"] + counts["dropped"] + counts["dead"]
    if counts["children"] != out:
        raise CheckFailed(f"{stage}: {counts['children']} children, {out} accounted for. Rows were lost: {counts}")

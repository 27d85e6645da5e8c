"""`split.json`: what the two sides of a run's split are made of, so that anyone can check that they share nothing.

It is a function of the finished tables and the run's configuration alone: the stage that writes the shards makes it,
and `themis verify` makes it again and compares.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import yaml

from filters.decontaminate import Decontamination
from parsers.clones import MIN_TOKENS, clone_key
from pipeline import shards, storage
from pipeline.manifest import StageEntry
from pipeline.stages.near_duplicates import NearDuplicateOptions
from pipeline.stages.split import groups
from pipeline.stages.windows import Windows
from schemas.config import validate
from schemas.errors import CheckFailed, ThemisError
from schemas.provenance import sha256

NAME = "split.json"
VERSION = 2

REASONS = ("contaminated", "near_benchmark", "shared_blob", "split_window", "syntax_clone")
"""Why the split alone drops a pair."""

COLUMNS = ("repo", "family", "blob_sha256", "before_sha256", "window")
"""Of a table of provenance, what the certificate is made of."""


@dataclass(slots=True)
class Side:
    """What one side of the split is made of; filled row by row.

    Attributes:
        pairs: rows, those whose label is a tie included.
        files: sha256 of every file, newer and older.
        links: (repository, family) of every row.
        windows: to pairs; `none` where there is no time.
        clones: clone key of every text that has one, to the first row that has it.
    """

    pairs: int = 0
    files: set[str] = field(default_factory=set)
    links: set[tuple[str, str | None]] = field(default_factory=set)
    windows: Counter[str] = field(default_factory=Counter)
    clones: dict[str, str] = field(default_factory=dict)

    def add(self, repo: str, family: str | None, newer: str | None, older: str | None, window: str | None) -> None:
        """Take in a row of the columns `COLUMNS`."""
        self.pairs += 1
        self.files |= {blob for blob in (newer, older) if blob}
        self.links.add((repo, family))
        self.windows[window or "none"] += 1

    def summary(self) -> dict[str, Any]:
        """Counts, and digests over the sorted names, each ended by a line feed."""
        names = {
            "repositories": {repo for repo, _ in self.links},
            "families": {family for _, family in self.links if family is not None},
            "files": self.files,
            "clone_keys": self.clones.keys(),
        }
        return {
            "pairs": self.pairs,
            "windows": dict(sorted(self.windows.items())),
            **{name: len(values) for name, values in names.items()},
            "sha256": {name: digest(values) for name, values in names.items()},
        }


def digest(names: Iterable[str]) -> str:
    """sha256 over the sorted names, each ended by a line feed."""
    return sha256("".join(f"{name}\n" for name in sorted(names)).encode("utf-8", "surrogatepass"))


def rules(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a run's configuration, every default written out, says of the split."""
    curate = config["curate"]
    near = curate["near_duplicates"]
    return {
        "windows": config["mine"]["changes"]["windows"],
        "split": curate["split"],
        "thresholds": {
            "near_jaccard": near["threshold"],
            "near_shingle_tokens": near["shingle_tokens"],
            "shared_words": curate["decontaminate"]["n"],
            "clone_tokens": MIN_TOKENS,
        },
    }


def rules_of(root: str) -> dict[str, Any]:
    """`rules` of the run in a folder, by its `config.yaml`.

    Raises:
        CheckFailed: it is missing or not the configuration of a run of this version.
    """
    path = storage.join(root, "config.yaml")
    if not storage.exists(path):
        raise CheckFailed("config.yaml: missing, so what the split had to hold is not known")
    try:
        said = rules(yaml.safe_load(storage.read_bytes(path)))
        near = {
            "threshold": said["thresholds"]["near_jaccard"],
            "shingle_tokens": said["thresholds"]["near_shingle_tokens"],
        }
        validate(NearDuplicateOptions, near, "config.yaml")
        validate(Decontamination, {"n": said["thresholds"]["shared_words"]}, "config.yaml")
        if said["windows"] is not None:
            validate(Windows, said["windows"], "config.yaml")
    except (ThemisError, yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CheckFailed(f"config.yaml: not a run's whole configuration ({type(error).__name__}: {error})") from None
    return said


def certify(
    root: str, assembled: tuple[dict[str, Any], ...], curated: StageEntry, said: Mapping[str, Any]
) -> dict[str, Any]:
    """The certificate of a run's tables.

    Args:
        root: the run's folder.
        assembled: receipts of the shards.
        curated: the entry of the stage before, whose dropped pairs are counted.
        said: `rules` of the run.
    """
    return certificate(*sides(root, assembled), said, dropped(root, curated))


def sides(root: str, assembled: tuple[dict[str, Any], ...]) -> tuple[Side, Side]:
    """What the training set and the benchmark of a run are made of. Each distinct text is parsed once.

    Args:
        root: the run's folder.
        assembled: receipts of the shards.
    """
    return _side(root, assembled, "train"), _side(root, assembled, "benchmark")


def _side(root: str, assembled: tuple[dict[str, Any], ...], split: str) -> Side:
    side = Side()
    for row in shards.rows(root, assembled, split, COLUMNS, beside=True):
        side.add(*row)
    for id_, key in _clone_keys(shards.texts(root, assembled, split)):
        side.clones.setdefault(key, id_)
    return side


def _clone_keys(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[tuple[str, str]]:
    """(row, clone key) of each distinct text that has one."""
    known: set[bytes] = set()
    for id_, language, *texts in rows:
        for text in texts:
            data = f"{language}\n{text}".encode("utf-8", "surrogatepass")
            digest_of = blake2b(data, digest_size=16).digest()
            if digest_of in known:
                continue
            known.add(digest_of)
            key = clone_key(language, text)
            if key is not None:
                yield id_, key


def dropped(root: str, curated: StageEntry) -> Counter[str]:
    """Reason to pairs that curation dropped.

    Args:
        root: the run's folder.
        curated: the stage's entry.
    """
    counts: Counter[str] = Counter()
    for path in curated.table("dropped"):
        counts.update(storage.read_table(storage.join(root, path), ["reason"]).column("reason").to_pylist())
    return counts


def certificate(train: Side, benchmark: Side, said: Mapping[str, Any], lost: Mapping[str, int]) -> dict[str, Any]:
    """What `split.json` holds.

    Args:
        train: the training set's rows.
        benchmark: the benchmark's rows.
        said: `rules` of the run.
        lost: `dropped` of the run.
    """
    links = train.links | benchmark.links
    group_of = groups(links)
    held = {group_of[repo] for repo, _ in benchmark.links}
    together: dict[str, tuple[set[str], set[str]]] = {name: (set(), set()) for name in held}
    for repo, family in links:
        if group_of[repo] in held:
            together[group_of[repo]][0].add(repo)
            together[group_of[repo]][1].update([family] if family is not None else [])
    return {
        "version": VERSION,
        **said,
        "train": train.summary(),
        "benchmark": benchmark.summary(),
        "held_out": [
            {"group": name, "repositories": sorted(repos), "families": sorted(families)}
            for name, (repos, families) in sorted(together.items())
        ],
        "dropped": {reason: lost.get(reason, 0) for reason in REASONS},
    }

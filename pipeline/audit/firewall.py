"""The split's firewall: training and benchmark share nothing, and `split.json` says what is there.

What is checked, on the finished tables alone, pairs whose label is a tie included:

- no training row has a repository, a family, a file (the newer or the older one), a cluster of a benchmark row;
- no row is of the other side's window, and a row's commit time is inside its window;
- no training prompt shares a run of words with a benchmark prompt, as curation means it (13 words by default);
- no side of a training row is a side of a benchmark row under other names, comments and layout (`parsers/clones.py`);
- no side of a training row is as near to a side of a benchmark row as the threshold. This is exact, up to collisions
  of 64-bit hashes, and takes time in proportion to both sets: no signature stands for either, and a side is compared
  with those alone that it must share a shingle of its prefix with (`filters/near_index.py`);
- `split.json` is what the tables and `config.yaml` give.

Memory: the benchmark's shingles a slice at a time, its prompts' words, a clone key (about 250 bytes) and a digest a
distinct text, and one shard's file.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any

from filters.decontaminate import GramTable
from filters.near_index import NearIndex
from pipeline import certificate, shards, storage
from pipeline.certificate import Side
from pipeline.manifest import Manifest
from pipeline.stages.windows import Windows
from schemas.config import validate
from schemas.errors import CheckFailed

SLICE_SHINGLES = 40_000_000
"""Of benchmark code, held at a time: about 0.7 GB at most. The training set is read once a slice."""

_MOST = 5  # lines of one kind
_SHARED = {"repository": ("repo",), "family": ("family",), "file": ("blob_sha256", "before_sha256"),
           "cluster": ("cluster",)}  # fmt: skip


def firewall(root: str, made: Manifest) -> Iterator[str]:
    """What is broken, one line each, at most five of a kind."""
    try:
        rules = certificate.rules_of(root)
    except CheckFailed as error:
        yield str(error)
        return
    thresholds = rules["thresholds"]
    files = made.stages["assemble"].files
    sides = certificate.sides(root, files)
    checks = [
        _differences(root, made, rules, sides),
        *(_shared(root, files, what, columns) for what, columns in _SHARED.items()),
        _windows(root, files, rules["windows"]),
        _prompts(root, files, thresholds["shared_words"]),
        _clones(*sides),
        _near(root, files, thresholds["near_jaccard"], thresholds["near_shingle_tokens"]),
    ]
    for lines in checks:
        yield from islice(lines, _MOST)


def _differences(root: str, made: Manifest, rules: dict[str, Any], sides: tuple[Side, Side]) -> Iterator[str]:
    if certificate.NAME not in {file["path"] for file in made.stages["assemble"].files}:
        yield f"{certificate.NAME}: not among the run's files, so nothing certifies its split; run `themis run` again"
        return
    try:
        said = json.loads(storage.read_bytes(storage.join(root, certificate.NAME)))
    except ValueError as error:
        yield f"{certificate.NAME}: not JSON: {error}"
        return
    found = certificate.certificate(*sides, rules, certificate.dropped(root, made.stages["curate"]))
    written, there = _leaves(said), _leaves(found)
    for name in sorted(written.keys() | there.keys()):
        if written.get(name) != there.get(name):
            given = there.get(name)
            yield f"{certificate.NAME}: {name} is {written.get(name)}, the tables and config.yaml give {given}"


def _leaves(value: Any, name: str = "") -> dict[str, str]:
    """Dotted names of a JSON value's leaves to their JSON."""
    if isinstance(value, dict) and value:
        nested = [_leaves(inner, f"{name}.{key}" if name else key) for key, inner in value.items()]
    elif isinstance(value, list) and value:
        nested = [_leaves(inner, f"{name}[{place}]") for place, inner in enumerate(value)]
    else:
        return {name: json.dumps(value)}
    return {key: leaf for one in nested for key, leaf in one.items()}


def _shared(root: str, files: tuple[dict[str, Any], ...], what: str, columns: tuple[str, ...]) -> Iterator[str]:
    """Values that a training row and a benchmark row have in any of these columns, each once."""
    held: dict[str | None, str] = {}
    for id_, *values in shards.rows(root, files, "benchmark", (shards.KEYS["benchmark"], *columns), beside=True):
        for value in values:
            held.setdefault(value, id_)
    held.pop(None, None)
    for id_, *values in shards.rows(root, files, "train", (shards.KEYS["train"], *columns), beside=True):
        for value in values:
            other = held.pop(value, None)
            if other is not None:
                yield f"split: the {what} {value} is of the training row {id_} and of the benchmark row {other}"


def _windows(root: str, files: tuple[dict[str, Any], ...], said: dict[str, Any] | None) -> Iterator[str]:
    windows = None if said is None else validate(Windows, said, "config.yaml")
    for split, key in shards.KEYS.items():
        columns = (key, "window", "committed_at")
        for id_, window, committed_at in shards.rows(root, files, split, columns, beside=True):
            if window not in (None, split):
                yield f"split: the {split} row {id_} is of the window {window}"
            elif window and windows and committed_at is not None and windows.of(committed_at) != window:
                yield f"split: the {split} row {id_} was committed at {committed_at}, outside the window {window}"


def _prompts(root: str, files: tuple[dict[str, Any], ...], n: int) -> Iterator[str]:
    held, asked = (
        shards.rows(root, files, split, (shards.KEYS[split], shards.PROMPTS[split]), beside=False)
        for split in ("benchmark", "train")
    )
    table = GramTable.build(_distinct(held), n)
    for id_, prompt in _distinct(asked):
        other = table.hit(prompt)
        if other is not None:
            yield f"split: the prompts of the training row {id_} and the benchmark row {other} share {n} words in a row"


def _clones(train: Side, benchmark: Side) -> Iterator[str]:
    for key in sorted(train.clones.keys() & benchmark.clones.keys()):
        yield (
            f"split: a side of the training row {train.clones[key]} and a side of the benchmark row "
            f"{benchmark.clones[key]} are the same code under other names (clone key {key})"
        )


def _near(root: str, files: tuple[dict[str, Any], ...], threshold: float, shingle_tokens: int) -> Iterator[str]:
    held = _distinct((id_, text) for id_, _, *texts in shards.texts(root, files, "benchmark") for text in texts)
    for index in NearIndex.slices(held, shingle_tokens, SLICE_SHINGLES):
        asked = _distinct(
            (f"{name} side of the training row {id_}", text)
            for id_, _, *texts in shards.texts(root, files, "train")
            for name, text in zip(("chosen", "rejected"), texts, strict=True)
        )
        while batch := list(islice(asked, shards.BATCH)):
            found = index.nearest_many([text for _, text in batch], threshold)
            for (name, _), near in zip(batch, found, strict=True):
                if near is not None:
                    yield (
                        f"split: the {name} is at Jaccard {near.jaccard:.6f} "
                        f"to a side of the benchmark row {near.id}, must be under {threshold}"
                    )


def _distinct(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(name, text) of each text once, with the first name; 16 bytes stand for a text."""
    known: set[bytes] = set()
    for name, text in rows:
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest not in known:
            known.add(digest)
            yield name, text

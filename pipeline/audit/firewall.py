"""The split's firewall: training and benchmark share nothing, and `split.json` says what is there.

What is checked, on the finished tables alone:

- no training row has a repository, a family, a file (the newer or the older one), a cluster of a benchmark row;
- no row is of the other side's window, and a row's commit time is inside its window;
- no training prompt shares a run of words with a benchmark prompt, as curation means it (13 words by default);
- no side of a training row is as near to a side of a benchmark row as the threshold. This is exact, up to collisions
  of 64-bit hashes: every side is compared with every side that it shares a shingle with, and no signature stands for
  either. The benchmark's shingles are held a slice at a time, so memory doesn't grow with either set; the training
  set is read once a slice;
- `split.json` is what the tables and `config.yaml` give.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from filters.decontaminate import GramTable
from filters.near_index import NearIndex
from pipeline import certificate, storage
from pipeline.manifest import Manifest
from pipeline.stages.windows import Windows
from schemas.config import validate
from schemas.errors import CheckFailed

SLICE_CHARS = 16 * 2**20
"""Characters of benchmark code that are held at a time: about 200 MB of shingles at most."""

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
    checks = [
        _differences(root, made, rules),
        *(_shared(root, made, what, columns) for what, columns in _SHARED.items()),
        _windows(root, made, rules["windows"]),
        _prompts(root, made, thresholds["shared_words"]),
        _near(root, made, thresholds["near_jaccard"], thresholds["near_shingle_tokens"]),
    ]
    for lines in checks:
        yield from islice(lines, _MOST)


def _differences(root: str, made: Manifest, rules: dict[str, Any]) -> Iterator[str]:
    entry = made.stages["assemble"]
    if certificate.NAME not in {file["path"] for file in entry.files}:
        yield f"{certificate.NAME}: not among the run's files, so nothing certifies its split; run `themis run` again"
        return
    try:
        said = json.loads(storage.read_bytes(storage.join(root, certificate.NAME)))
    except ValueError as error:
        yield f"{certificate.NAME}: not JSON: {error}"
        return
    found = certificate.certify(root, entry.files, made.stages["curate"], rules)
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


def _shared(root: str, made: Manifest, what: str, columns: tuple[str, ...]) -> Iterator[str]:
    """Values that a training row and a benchmark row have in any of these columns, each once."""
    held: dict[str | None, str] = {}
    for id_, *values in _rows(root, made, "benchmark/provenance", ("id", *columns)):
        for value in values:
            held.setdefault(value, id_)
    held.pop(None, None)
    for id_, *values in _rows(root, made, "dataset/provenance", ("idx", *columns)):
        for value in values:
            other = held.pop(value, None)
            if other is not None:
                yield f"split: the {what} {value} is of the training row {id_} and of the benchmark row {other}"


def _windows(root: str, made: Manifest, said: dict[str, Any] | None) -> Iterator[str]:
    windows = None if said is None else validate(Windows, said, "config.yaml")
    for split, key in (("train", "idx"), ("benchmark", "id")):
        columns = (key, "window", "committed_at")
        for id_, window, committed_at in _rows(root, made, certificate.FOLDERS[split], columns):
            if window not in (None, split):
                yield f"split: the {split} row {id_} is of the window {window}"
            elif window and windows and committed_at is not None and windows.of(committed_at) != window:
                yield f"split: the {split} row {id_} was committed at {committed_at}, outside the window {window}"


def _prompts(root: str, made: Manifest, n: int) -> Iterator[str]:
    prompts = ((id_, text) for id_, text in _rows(root, made, "benchmark/data", ("id", "prompt")))
    table = GramTable.build(prompts, n)
    for id_, prompt in _rows(root, made, "dataset/data", ("idx", "input")):
        other = table.hit(prompt)
        if other is not None:
            yield f"split: the prompts of the training row {id_} and the benchmark row {other} share {n} words in a row"


def _near(root: str, made: Manifest, threshold: float, shingle_tokens: int) -> Iterator[str]:
    for index in _slices(_rows(root, made, "benchmark/data", ("id", "chosen", "rejected")), shingle_tokens):
        for id_, *sides in _rows(root, made, "dataset/data", ("idx", "chosen", "rejected")):
            for name, side in zip(("chosen", "rejected"), sides, strict=True):
                near = index.nearest(side, threshold)
                if near is not None:
                    yield (
                        f"split: the {name} side of the training row {id_} is at Jaccard {near.jaccard:.6f} "
                        f"to a side of the benchmark row {near.id}, must be under {threshold}"
                    )


def _slices(rows: Iterator[tuple[Any, ...]], shingle_tokens: int) -> Iterator[NearIndex]:
    """Indexes of the rows' sides, each text once a slice, of about `SLICE_CHARS` each."""
    texts: dict[str, str] = {}
    held = 0
    for id_, *sides in rows:
        for side in sides:
            if side not in texts:
                texts[side] = id_
                held += len(side)
        if held >= SLICE_CHARS:
            yield NearIndex.build(((id_, text) for text, id_ in texts.items()), shingle_tokens)
            texts, held = {}, 0
    if texts:
        yield NearIndex.build(((id_, text) for text, id_ in texts.items()), shingle_tokens)


def _rows(root: str, made: Manifest, folder: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    for path in made.stages["assemble"].table(folder):
        table = storage.read_table(storage.join(root, path), list(columns))
        yield from zip(*(table.column(name).to_pylist() for name in columns), strict=True)

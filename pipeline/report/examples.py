"""Ten pairs to look at, two a criterion, with the whole way that each has come."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.report.diff import Diff, side_by_side
from pipeline.report.inputs import class_labels, shards
from pipeline.report.text import visible
from schemas.provenance import decisive, sha256

PER_CRITERION = 2
_POOL = 20
_SHORT_LINES = (4, 45)


@dataclass(frozen=True, slots=True)
class Example:
    """One training pair as the page shows it.

    Attributes:
        criterion: released name.
        language: released name.
        operator: what made the rejected side.
        prompt: the request.
        diff: chosen on the left, rejected on the right.
        facts: name and value, where the pair comes from.
        steps: side, name and version, parameters, spans.
        hashes_hold: whether both texts have the sha256 that the provenance states; None without provenance.
    """

    criterion: str
    language: str
    operator: str
    prompt: str
    diff: Diff
    facts: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str, str, str], ...]
    hashes_hold: bool | None


def examples(root: Path) -> list[Example]:
    """`PER_CRITERION` training pairs of each criterion, the same ones for the same files.

    Ids come from content, so the first rows of a shard are a fair sample; of these, short ones in languages,
    operators and repositories not shown yet come first.
    """
    pool = _pool(root)
    by_criterion: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in pool:
        by_criterion[row["aspect"]].append(row)
    seen: Counter[tuple[str, str]] = Counter()
    chosen = []
    for criterion in dict.fromkeys(row["aspect"] for row in sorted(pool, key=lambda row: int(row["aspect_id"]))):
        rest = by_criterion[criterion]
        own: set[tuple[str, str]] = set()
        for _ in range(min(PER_CRITERION, len(rest))):
            best = min(rest, key=lambda row: (*_fitness(row, seen, own), row["idx"]))
            rest.remove(best)
            chosen.append(best)
            own |= set(_marks(best))
            seen.update(_marks(best))
    return [_example(row) for row in chosen]


def _marks(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    origin = row["origin"]
    return [("language", row["language"]), ("operator", _operator(origin)), ("repo", origin.get("repo") or "")]


def _fitness(row: Mapping[str, Any], seen: Counter[tuple[str, str]], own: set[tuple[str, str]]) -> tuple[int, ...]:
    """Lower is better: repeats within the criterion, unwieldy length, repeats over all."""
    lines = max(row[side].count("\n") + 1 for side in ("chosen", "rejected"))
    marks = _marks(row)
    repeats = sum(mark in own for mark in marks)
    return int(marks[0] in own), int(not _SHORT_LINES[0] <= lines <= _SHORT_LINES[1]), repeats, seen[marks[0]]


def _operator(origin: Mapping[str, Any]) -> str:
    return decisive((step["side"], step["name"]) for step in origin.get("steps") or ())


def _pool(root: Path) -> list[dict[str, Any]]:
    """The first `_POOL` rows of every language and criterion, with their provenance under `origin`."""
    room: Counter[tuple[int, int]] = Counter()
    rows: list[dict[str, Any]] = []
    for path in shards(root, "dataset/data"):
        index = pq.read_table(path, columns=["idx", "aspect", "language"]).to_pylist()
        wanted = []
        for entry in index:
            cell = (entry["aspect"], entry["language"])
            room[cell] += 1
            if room[cell] <= _POOL:
                wanted.append(entry["idx"])
        if wanted:
            rows += _rows(path, root, wanted)
    return rows


def _rows(path: Path, root: Path, wanted: Sequence[str]) -> list[dict[str, Any]]:
    languages, criteria = class_labels(path)
    beside = root / "dataset/provenance" / path.name
    origins = {}
    if beside.is_file():
        origins = {row["idx"]: row for row in pq.read_table(beside, filters=[("idx", "in", wanted)]).to_pylist()}
    rows = pq.read_table(path, filters=[("idx", "in", wanted)]).to_pylist()
    return [
        {
            **row,
            "aspect_id": row["aspect"],
            "aspect": criteria[row["aspect"]],
            "language": languages[row["language"]],
            "origin": origins.get(row["idx"], {}),
        }
        for row in rows
    ]


def _example(row: Mapping[str, Any]) -> Example:
    origin = row["origin"]
    hold = None
    if origin:
        hold = all(sha256(row[side].encode()) == origin[f"{side}_sha256"] for side in ("chosen", "rejected"))
    return Example(
        criterion=row["aspect"],
        language=row["language"],
        operator=visible(_operator(origin)),
        prompt=visible(row["input"]),
        diff=side_by_side(row["chosen"], row["rejected"]),
        facts=tuple(_facts(row, origin)),
        steps=tuple(_step(step) for step in origin.get("steps") or ()),
        hashes_hold=hold,
    )


def _facts(row: Mapping[str, Any], origin: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of what is known of a pair's origin."""
    if not origin:
        return [("Pair (idx)", row["idx"]), ("Source", visible(row["source"]))]
    committed = origin["committed_at"]
    facts = [
        ("Repository", origin["repo"]),
        ("Revision", origin["revision"]),
        ("Path", origin["path"]),
        ("Bytes of the file", _spans(origin["spans"]) or "whole file"),
        ("Licence", origin["license"] or "none stated"),
        ("Committed", "unknown" if committed is None else f"{datetime.fromtimestamp(committed, UTC):%Y-%m-%d}"),
        ("Source", origin["source"]),
        ("File sha256", origin["blob_sha256"]),
        ("Filters passed", ", ".join(origin["filters"] or ()) or "none recorded"),
        ("Cluster", origin["cluster"]),
        ("Pair (idx)", row["idx"]),
    ]
    return [(name, visible(value)) for name, value in facts if value]


def _step(step: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Side, name and version, parameters, spans."""
    try:
        table = json.loads(step["parameters"] or "{}")
        parameters = ", ".join(f"{name} = {value}" for name, value in sorted(table.items()))
    except (ValueError, AttributeError):
        parameters = step["parameters"]
    name = f"{step['name']} (version {step['version']})"
    return step["side"], visible(name), visible(parameters), _spans(step["spans"])


def _spans(spans: Sequence[Mapping[str, int]] | None) -> str:
    return ", ".join(f"{span['start']:,}–{span['end']:,}" for span in spans or ())

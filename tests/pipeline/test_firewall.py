"""Planted leaks: tables, certificate and manifest agree, so only what the firewall recomputes can tell."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from filters.minhash import jaccard, shingles
from schemas.contract import language_labels
from schemas.provenance import sha256
from tests.pipeline.conftest import Themis
from tests.pipeline.forged import (
    BENCH,
    BENCH_DATA,
    DATA,
    PROVENANCE,
    Broken,
    edited,
    first,
    put,
    put_text,
    recertify,
    rewrite,
    told,
)

WORDS = " ".join(f"word{n}" for n in range(200))
CODE = '''def busiest(flights, gates, least):
    """Find the gate that has the most flights."""
    totals = {}
    for flight in flights:
        if flight.gate in gates and flight.seats >= least:
            totals[flight.gate] = totals.get(flight.gate, 0) + 1
    best = None
    for gate, count in sorted(totals.items()):
        if best is None or count > totals[best]:
            best = gate
    return best, totals.get(best, 0)
'''
RENAMED = """def widest(rooms, doors, limit):
    sums = {}
    for room in rooms:  # each once
        if room.door in doors and room.area >= limit:
            sums[room.door] = sums.get(room.door, 7) + 9
    found = None
    for door, size in sorted(sums.items()):
        if found is None or size > sums[found]:
            found = door
    return found, sums.get(
        found, 10,
    )
"""


@pytest.fixture
def broken(own_run: Path, themis: Themis) -> Broken:
    """What `verify` says of the copied run, once it is tampered with."""
    return partial(told, themis, own_run)


def rows(run: Path) -> tuple[str, str]:
    """The first training row and the first benchmark row."""
    return first(run, DATA, "idx"), first(run, BENCH_DATA, "id")


def shared(what: str, ours: str, theirs: str, run: Path) -> str:
    train, held = rows(run)
    taken = first(run, PROVENANCE, ours)
    put(run, BENCH, theirs, taken)
    return f"split: the {what} {taken} is of the training row {train} and of the benchmark row {held}"


def family(run: Path) -> str:
    put(run, PROVENANCE, "family", "f" * 40)
    return shared("family", "family", "family", run)


def older_file_of_training(run: Path) -> str:
    train, held = rows(run)
    taken = first(run, BENCH, "blob_sha256")
    put(run, PROVENANCE, "before_sha256", taken)
    return f"split: the file {taken} is of the training row {train} and of the benchmark row {held}"


def window(name: str, split: str, other: str, run: Path) -> str:
    put(run, name, "window", other)
    return f"split: the {split} row {pq.read_table(run / name).column(0)[0].as_py()} is of the window {other}"


def commit_time(run: Path) -> str:
    put(run, PROVENANCE, "window", "train")
    put(run, PROVENANCE, "committed_at", 1_551_398_400)
    return f"split: the train row {rows(run)[0]} was committed at 1551398400, outside the window train"


def prompts(run: Path) -> str:
    train, held = rows(run)
    put_text(run, DATA, "input", f"Please do this: {WORDS}")
    put_text(run, BENCH_DATA, "prompt", f"Other words, and {WORDS.upper()[:130]}.")
    return f"split: the prompts of the training row {train} and the benchmark row {held} share 13 words in a row"


def near(ours: str, theirs: str, run: Path) -> str:
    train, held = rows(run)
    edit = WORDS.replace("word9 ", "(edited + 1) ")
    put_text(run, DATA, ours, WORDS)
    put_text(run, BENCH_DATA, theirs, edit)
    similarity = jaccard(shingles(WORDS), shingles(edit))
    assert 0.75 < similarity < 1
    return (
        f"split: the {ours} side of the training row {train} is at Jaccard {similarity:.6f} "
        f"to a side of the benchmark row {held}, must be under 0.75"
    )


def clone(ours: str, theirs: str, run: Path) -> str:
    train, held = rows(run)
    assert jaccard(shingles(CODE), shingles(RENAMED)) == 0
    put(run, DATA, "language", language_labels().index("Python"))
    put(run, BENCH_DATA, "language", "Python")
    put_text(run, DATA, ours, CODE)
    put_text(run, BENCH_DATA, theirs, RENAMED)
    return (
        f"split: a side of the training row {train} and a side of the benchmark row {held} are the same code "
        "under other names (clone key "
    )


LEAKS: dict[str, Callable[[Path], str]] = {
    "the same repository": partial(shared, "repository", "repo", "repo"),
    "a fork": family,
    "the same newer file": partial(shared, "file", "blob_sha256", "blob_sha256"),
    "the benchmark's older file": partial(shared, "file", "blob_sha256", "before_sha256"),
    "the training set's older file": older_file_of_training,
    "the same cluster": partial(shared, "cluster", "cluster", "cluster"),
    "a training row of the benchmark's window": partial(window, PROVENANCE, "train", "benchmark"),
    "a benchmark row of the training window": partial(window, BENCH, "benchmark", "train"),
    "a commit outside its window": commit_time,
    "prompts that share 13 words": prompts,
    "near sides, chosen and rejected": partial(near, "chosen", "rejected"),
    "near sides, rejected and chosen": partial(near, "rejected", "chosen"),
    "renamed code, chosen and chosen": partial(clone, "chosen", "chosen"),
    "renamed code, rejected and chosen": partial(clone, "rejected", "chosen"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_told_and_nothing_else(leak: str, own_run: Path, broken: Broken) -> None:
    line = LEAKS[leak](own_run)
    recertify(own_run)
    lines = broken().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(line)


def test_a_run_that_is_certified_anew_holds(own_run: Path, themis: Themis) -> None:
    before = json.loads((own_run / "split.json").read_text())
    recertify(own_run)
    assert json.loads((own_run / "split.json").read_text()) == before
    assert themis("verify", own_run)[0] == 0


def test_what_is_not_quite_a_leak_holds(own_run: Path, themis: Themis) -> None:
    far = WORDS.replace("word25 ", "edited ( ").replace("word60 ", "edited ")
    assert 0.6 < jaccard(shingles(WORDS), shingles(far)) < 0.75
    put_text(own_run, DATA, "chosen", WORDS)
    put_text(own_run, BENCH_DATA, "chosen", far)
    put(own_run, DATA, "language", language_labels().index("Python"))
    put(own_run, BENCH_DATA, "language", "Python")
    put_text(own_run, DATA, "rejected", CODE)
    put_text(own_run, BENCH_DATA, "rejected", RENAMED.replace("size > sums", "size >= sums"))
    put(own_run, PROVENANCE, "window", "train")
    put(own_run, PROVENANCE, "committed_at", 1_551_398_399)
    recertify(own_run)
    assert themis("verify", own_run) == (0, f"{own_run}: holds (hashes, row sums, schemas, order, split)\n", "")


def test_a_leak_among_pairs_whose_label_is_a_tie(own_run: Path, broken: Broken) -> None:
    name = next(f"dataset/placebo/{path.name}" for path in sorted((own_run / "dataset/placebo").iterdir())
                if pq.read_metadata(path).num_rows)  # fmt: skip
    held = first(own_run, BENCH_DATA, "id")
    put(own_run, name.replace("placebo/", "placebo_provenance/"), "repo", first(own_run, BENCH, "repo"))
    put(own_run, name, "rejected", WORDS)
    put(own_run, name.replace("placebo/", "placebo_provenance/"), "rejected_sha256", sha256(WORDS.encode()))
    put_text(own_run, BENCH_DATA, "chosen", f"{WORDS} (")
    recertify(own_run)
    tie = first(own_run, name, "idx")
    lines = broken().splitlines()
    assert [line.split(tie)[0] for line in lines] == [
        f"split: the repository {first(own_run, BENCH, 'repo')} is of the training row ",
        "split: the rejected side of the training row ",
    ]
    assert all(held in line for line in lines)


def test_near_sides_are_found_in_every_slice(own_run: Path, broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.audit.firewall.SLICE_SHINGLES", 1)
    for name, column, value in ((BENCH_DATA, "rejected", WORDS), (BENCH, "rejected_sha256", sha256(WORDS.encode()))):
        rewrite(own_run, name, edited(own_run, name, column, lambda old, new=value: [*old[:-1], new]))
    put_text(own_run, DATA, "rejected", WORDS)
    recertify(own_run)
    train, held = first(own_run, DATA, "idx"), pq.read_table(own_run / BENCH_DATA).column("id")[-1].as_py()
    near = f"rejected side of the training row {train} is at Jaccard 1.000000 to a side of the benchmark row {held}"
    assert broken().count(near) == 1


def test_at_most_five_lines_of_a_kind(own_run: Path, broken: Broken) -> None:
    texts = [f"{WORDS} {n}" for n in range(7)]
    rewrite(own_run, DATA, edited(own_run, DATA, "chosen", lambda old: [*texts, *old[7:]]))
    digests = [sha256(text.encode()) for text in texts]
    rewrite(own_run, PROVENANCE, edited(own_run, PROVENANCE, "chosen_sha256", lambda old: [*digests, *old[7:]]))
    put_text(own_run, BENCH_DATA, "chosen", f"{WORDS} (")
    recertify(own_run)
    assert broken().count("side of the training row") == 5

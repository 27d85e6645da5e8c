"""A table of very many pairs to try curation on: excerpts of a corpus of real files, cheaply edited.

Usage: python -m bench.many_pairs --corpus runs/bench/corpus --pairs 354010 --out DIR [--shards 64]

It writes DIR/pairs/pairs-00000-of-00064.parquet as stage synthesize would (schema, shard, order, row groups), with
DIR/benchmark.jsonl (2,000 prompts; one pair in a hundred has its prompt from there) and DIR/many_pairs.json (counts).
Clusters of one to six pairs share a prompt and, most of them, the chosen side. A table of fewer pairs is a sample of
the same: clusters are taken by the hash of their excerpt. The same corpus and number give the same bytes.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from bench.pair_junk import Texts, junk_of, spoiled
from bench.pair_sides import Slot, sides
from bench.pair_texts import borrowed, documentation, excerpts, prompt
from pipeline.beam import join_name, parquet_bytes, shard_of
from schemas import contract
from schemas.provenance import Origin, child_id, content_id, sha256
from schemas.records import Pair
from synthesis.mutations import FILES

BENCHMARK_ROWS = 2_000
CONTAMINATED = 0.01
ROUNDS = 8
_RESERVED = "f8"  # excerpts whose hash begins so, or higher, are for the benchmark's prompts alone
_CLUSTER_SIZES = (1, 2, 3, 4, 5, 6)
_SIZE_WEIGHTS = (12, 18, 22, 20, 16, 12)
_KIND_WEIGHTS = {"defect": 66, "chain": 10, "repair": 7, "flip": 3, "placebo": 6, "change": 7, "reversed": 1}
_LICENSES = (
    "MIT",
    "MIT",
    "Apache-2.0",
    "Apache-2.0",
    "BSD-3-Clause",
    "BSD-2-Clause",
    "ISC",
    "MPL-2.0",
    "LGPL-2.1-only",
    None,
)
_FIRST_SECOND, _LAST_SECOND = 1_325_376_000, 1_640_995_199  # 2012 to 2021


class File(NamedTuple):
    """A file of the corpus."""

    id: str
    language: str
    repo: str
    path: str
    data: bytes
    sha256: str


class Excerpt(NamedTuple):
    """A place in a file, and the hash by which excerpts are taken."""

    round: int
    key: str
    file: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be written.

    Attributes:
        files: of the corpus.
        places: (id, excerpt, slot) of each pair.
        prompts: of the benchmark.
    """

    files: list[File]
    places: list[tuple[str, Excerpt, Slot]]
    prompts: list[str]


def corpus_files(corpus: Path) -> Iterator[File]:
    """The files of a corpus, planted copies left out; one row group decoded at a time."""
    for path in sorted(corpus.glob("files-*.parquet")):
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            for row in file.read_row_group(group).to_pylist():
                if row["repo"] != "planted":
                    data = row["text"].encode("utf-8")
                    yield File(row["id"], row["language"], row["repo"], row["path"], data, sha256(data))


def all_excerpts(files: Sequence[File], round_: int) -> list[Excerpt]:
    """Excerpts that tile every file, in the order of their hash; each round cuts at other places."""
    found = []
    for number, file in enumerate(files):
        for start, end in excerpts(file.data, f"{round_}:{file.id}"):
            found.append(Excerpt(round_, content_id(file.id, str(start), str(end)), number, start, end))
    return sorted(found)


def slots(key: str) -> list[Slot]:
    """The pairs that a cluster holds, from its hash alone."""
    random = Random(f"slots:{key}")
    (size,) = random.choices(_CLUSTER_SIZES, _SIZE_WEIGHTS)
    left = random.sample(sorted(FILES), len(FILES))  # a criterion has one plain defect in a cluster
    found: list[Slot] = []
    while len(found) < size:
        (kind,) = random.choices(list(_KIND_WEIGHTS), list(_KIND_WEIGHTS.values()))
        first, second = random.sample(sorted(FILES), 2)
        if kind == "flip" and size - len(found) >= 2:
            found.append(Slot("flip", first, second, len(found)))
            found.append(Slot("flip", second, first, len(found)))
        elif kind == "defect" and left:
            found.append(Slot("defect", left.pop(), "", len(found)))
        elif kind not in ("flip", "defect"):
            found.append(Slot(kind, first, "", len(found)))
    return found


def pair_id(one: Excerpt, slot: Slot) -> str:
    """Id of a pair; it needs no text."""
    told = {"criterion": slot.criterion, "number": str(slot.number)}
    return child_id(one.key, slot.kind, "1", told, ((one.start, one.end),))


def planned(files: list[File], pairs: int) -> Plan:
    """Which excerpts give the pairs, and the benchmark's prompts. Later rounds only where one runs out."""
    places: list[tuple[str, Excerpt, Slot]] = []
    prompts: list[str] = []
    for round_ in range(ROUNDS):
        found = all_excerpts(files, round_)
        if round_ == 0:
            prompts = _benchmark(files, [one for one in found if one.key >= _RESERVED])
        for one in found:
            if one.key < _RESERVED:
                places += [(pair_id(one, slot), one, slot) for slot in slots(one.key)]
            if len(places) >= pairs:
                return Plan(files, places[:pairs], prompts)
    return Plan(files, places, prompts)


def _benchmark(files: Sequence[File], reserved: Sequence[Excerpt]) -> list[str]:
    """Prompts of reserved excerpts, each once; where the well documented ones are too few, of others too."""
    documented: dict[str, None] = {}
    others: dict[str, None] = {}
    for one in reserved:
        text = excerpt_text(files, one)
        asked = _asked(text, files[one.file].language)
        if len(documentation(text).split()) >= 20:
            documented[asked] = None
        elif len(asked.split()) >= 15:
            others[asked] = None
        if len(documented) == BENCHMARK_ROWS:
            break
    return list(documented | others)[:BENCHMARK_ROWS]


def _asked(text: str, language: str) -> str:
    """The excerpt's prompt; equal excerpts are asked for alike."""
    return prompt(text, language, Random(sha256(text.encode("utf-8"))))


def excerpt_text(files: Sequence[File], one: Excerpt) -> str:
    """The excerpt's text, without blank lines around it."""
    return files[one.file].data[one.start : one.end].decode("utf-8").strip("\n\r") + "\n"


def _shared_prompt(plan: Plan, one: Excerpt, text: str) -> str:
    """The prompt of a cluster; one in a hundred borrows from the benchmark."""
    asked = _asked(text, plan.files[one.file].language)
    random = Random(f"cluster:{one.key}")
    if plan.prompts and random.random() < CONTAMINATED:
        return borrowed(asked, random.choice(plan.prompts), random)
    return asked


def made_pair(
    plan: Plan, id_: str, one: Excerpt, slot: Slot, prompts: dict[str, str] | None = None
) -> tuple[Pair, str | None]:
    """A pair with its texts, and what is wrong with it; `prompts` keeps those of clusters that were begun."""
    file, text = plan.files[one.file], excerpt_text(plan.files, one)
    random = Random(f"pair:{id_}")
    asked = None if prompts is None else prompts.get(one.key)
    if asked is None:
        asked = _shared_prompt(plan, one, text)
        if prompts is not None:
            prompts[one.key] = asked
    both, steps = sides(text, (one.start, one.end), slot, random)
    texts = Texts(asked, *both)
    junk = junk_of(random)
    if junk is not None:
        texts = spoiled(texts, junk, file.language, random)
    made = Pair(
        id=id_,
        parent_id=one.key,
        cluster=one.key,
        origin=_origin(file, slot, texts.rejected),
        language=file.language,
        criterion=slot.criterion,
        prompt=texts.prompt,
        chosen=texts.chosen,
        rejected=texts.rejected,
        spans=((one.start, one.end),),
        steps=steps,
        kind=slot.kind,
        label=0.5 if slot.kind == "placebo" else 1.0,
    )
    return made, junk


@cache
def _facts(package: str, version: str) -> tuple[str | None, int, str | None]:
    """Licence, time and family of a package; three in ten have a family, which all its versions share."""
    named = Random(f"package:{package}")
    license_, familiar = named.choice(_LICENSES), named.random() < 0.3
    second = Random(f"version:{package}@{version}").randrange(_FIRST_SECOND, _LAST_SECOND - 86_400)
    return license_, second, content_id("family", package) if familiar else None


def _origin(file: File, slot: Slot, rejected: str) -> Origin:
    package, _, version = file.repo.rpartition("@")
    license_, second, family = _facts(package, version)
    changed = slot.kind in ("change", "reversed")
    return Origin(
        source=package.partition(":")[0],
        repo=package,
        revision=version,
        path=file.path,
        blob_sha256=file.sha256,
        license=license_,
        committed_at=second + int(file.id[:4], 16),
        before_sha256=sha256(rejected.encode("utf-8")) if changed else None,
        family=family,
    )


def write(plan: Plan, out: Path, shards: int) -> dict[str, Any]:
    """Write the table shard by shard, and the benchmark's prompts; says what is in it."""
    (out / "pairs").mkdir(parents=True, exist_ok=True)
    for old in (out / "pairs").glob("pairs-*.parquet"):
        old.unlink()
    by_shard: list[list[tuple[str, Excerpt, Slot]]] = [[] for _ in range(shards)]
    for place in plan.places:
        by_shard[shard_of(place[0], shards)].append(place)
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "criterion", "language", "junk")}
    prompts: dict[str, str] = {}
    size = 0
    for shard, places in enumerate(by_shard):
        rows = []
        for id_, one, slot in sorted(places):
            pair, junk = made_pair(plan, id_, one, slot, prompts)
            for name, value in (("kind", pair.kind), ("criterion", pair.criterion), ("language", pair.language)):
                counts[name][value] += 1
            counts["junk"][junk or "none"] += 1
            size += sum(len(text.encode("utf-8")) for text in (pair.prompt, pair.chosen, pair.rejected))
            rows.append(contract.pair_row(pair))
        path = out / join_name("pairs", "pairs", shards).format(shard=shard)
        path.write_bytes(parquet_bytes(rows, contract.PAIRS))
    with (out / "benchmark.jsonl").open("w", encoding="utf-8") as file:
        for number, text in enumerate(plan.prompts):
            file.write(json.dumps({"id": f"benchmark-{number:05d}", "prompt": text}, ensure_ascii=False) + "\n")
    return {
        "pairs": len(plan.places),
        "clusters": len({one.key for _, one, _ in plan.places}),
        "bytes": size,
        "bytes_a_pair": round(size / max(len(plan.places), 1)),
        "benchmark_prompts": len(plan.prompts),
        **{name: dict(sorted(count.items())) for name, count in counts.items()},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module's text."""
    parser = argparse.ArgumentParser(prog="bench.many_pairs", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path("runs/bench/corpus"))
    parser.add_argument("--pairs", type=int, default=354_010)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=64)
    options = parser.parse_args(arguments)
    begun = time.perf_counter()
    files = list(corpus_files(options.corpus))
    if not files or options.pairs < 1 or options.shards < 1:
        print(
            f"{options.corpus}: no files there (see bench.corpus), or --pairs or --shards is below 1", file=sys.stderr
        )
        return 2
    plan = planned(files, options.pairs)
    if len(plan.places) < options.pairs:
        print(f"{options.corpus} gives {len(plan.places)} pairs. Ask for fewer, or add files to it.", file=sys.stderr)
        return 1
    said = write(plan, options.out, options.shards)
    (options.out / "many_pairs.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({**said, "seconds": round(time.perf_counter() - begun)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

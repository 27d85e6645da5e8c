"""Curation of pairs in this process: what tests of the stage share."""

import pickle
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from filters.base import Filter
from filters.decontaminate import Decontamination
from pipeline.beam import shard_of
from pipeline.stages.curate import Benchmarks, Curate, SplitOptions
from pipeline.stages.near_duplicates import NearDuplicateOptions
from schemas import contract
from schemas.provenance import sha256
from schemas.records import Curated, Dropped, Pair

NO_SPLIT = SplitOptions(benchmark_share=0.0)
SEED = 7


def words(key: str, count: int = 30) -> str:
    rng = Random(key)
    return " ".join(f"w{rng.randrange(10**7)}" for _ in range(count))


def unlike(make_pair: Any, id_: str, **changes: Any) -> Pair:
    """A pair whose texts share nothing with those of another id; without a grammar, so without syntax trees."""
    texts = {
        "language": "NL",
        "prompt": words(f"prompt {id_}"),
        "chosen": words(f"code {id_}"),
        "rejected": words(f"bad {id_}") + " more",
    }
    pair: Pair = make_pair(id_, **(texts | changes))
    return pair


def written(root: Path, pairs: list[Pair], files: int = 2) -> tuple[str, ...]:
    """The pairs as the stage before writes them: sharded and ordered by id, several row groups a file."""
    paths = []
    for shard in range(files):
        path = root / "pairs" / f"pairs-{shard:05d}-of-{files:05d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        ordered = sorted((pair for pair in pairs if shard_of(pair.id, files) == shard), key=lambda pair: pair.id)
        table = pa.Table.from_pylist([contract.pair_row(pair) for pair in ordered], schema=contract.PAIRS)
        pq.write_table(table, path, row_group_size=3)
        paths.append(str(path))
    return tuple(paths)


def _save(items: list[Any], path: str) -> None:
    Path(path).write_bytes(pickle.dumps(items))


@pytest.fixture
def curate(tmp_path: Path) -> Any:
    """Runs the transform: the kept and the dropped by id; every pair is one or the other, and the counters say so."""

    def run(
        pairs: list[Pair],
        filters: tuple[Filter, ...] = (),
        decontamination: Decontamination = Decontamination(),  # noqa: B008
        split: SplitOptions = NO_SPLIT,
        share: float = 1.0,
        seed: int = SEED,
    ) -> tuple[list[Curated], list[Dropped]]:
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        paths = written(root, pairs)
        given = Benchmarks(decontamination.table(), _sides_file(root, decontamination))
        near = NearDuplicateOptions(rounds=2, partitions=3)
        with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
            done = p | Curate(str(root), paths, filters, near, given, split, share, seed)
            for name, collection in done.items():
                path = str(root / name)
                _ = collection | f"list {name}" >> beam.combiners.ToList() | f"save {name}" >> beam.Map(_save, path)
        got = {name: pickle.loads((root / name).read_bytes()) for name in ("files", "dropped", "dead", "counts")}
        kept = [one for path in sorted((root / "curated").iterdir()) for one in _curated(path)]
        dropped = got["dropped"]
        assert sorted([one.pair.id for one in kept] + [one.id for one in dropped]) == sorted(pair.id for pair in pairs)
        for _, receipt in got["files"]:
            data = (root / receipt["path"]).read_bytes()
            assert (sha256(data), len(data)) == (receipt["sha256"], receipt["bytes"])
        assert sum(receipt["rows"] for _, receipt in got["files"]) == len(kept)
        counts: Counter[str] = Counter()
        for name, count in got["counts"]:
            counts[name] += count
        assert got["dead"] == []
        assert counts["in"] == counts["expanded"] + counts["dropped_in"] == len(pairs)
        assert {one.stage for one in dropped} <= {"curate"}
        return sorted(kept, key=lambda one: one.pair.id), sorted(dropped, key=lambda one: one.id)

    return run


def _sides_file(root: Path, decontamination: Decontamination) -> str | None:
    sides = [{"id": name, "chosen": text, "rejected": ""} for name, text in decontamination.sides()]
    if not sides:
        return None
    pq.write_table(pa.Table.from_pylist(sides), root / "sides.parquet")
    return str(root / "sides.parquet")


def _curated(path: Path) -> list[Curated]:
    table = pq.read_table(path)
    assert table.schema.equals(contract.CURATED)
    ids = table.column("id").to_pylist()
    assert ids == sorted(ids)
    return [contract.curated_from_row(row) for row in table.to_pylist()]

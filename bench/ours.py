"""Near-duplicates as the pipeline finds them, on a folder of documents: what `make bench` measures beside the peers."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import numpy as np
from apache_beam.options.pipeline_options import PipelineOptions

from filters.hashing import Hashes
from filters.minhash import band_keys, jaccard, lay, shingles
from pipeline.stages.blocks import Block, Texts, blocks_of, opened
from pipeline.stages.near_duplicates import VERDICT, NearDuplicateOptions, NearDuplicates
from pipeline.stages.packed import DOC, block_of, local_of, number, priority, rows, unpack
from schemas.provenance import sha256


def warm_up() -> None:
    """Compile, or load, what is compiled."""
    band_keys(*lay([b"a b", b"c"]))
    jaccard(shingles("a b"), shingles("c"))


def removed_documents(
    paths: Sequence[str], threads: int = 1, options: NearDuplicateOptions | None = None
) -> dict[str, tuple[str, float]]:
    """Near-duplicates among the rows of Parquet files with the columns `id` and `text`.

    Args:
        paths: of the files; ids are 16 hexadecimal digits, and their order is the order of priority.
        threads: worker processes.
        options: of the comparison.

    Returns:
        Removed id to the kept one that it is near to, and their Jaccard similarity.
    """
    flags = ["--runner=FnApiRunner"]
    if threads > 1:
        flags += [f"--direct_num_workers={threads}", "--direct_running_mode=multi_processing"]
    blocks = blocks_of(paths)
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        with beam.Pipeline(options=PipelineOptions(flags)) as p:
            docs = p | beam.Create(range(len(blocks))) | "documents" >> beam.Map(_docs, blocks)
            made = docs | NearDuplicates(options or NearDuplicateOptions(), Texts(blocks, (("text",),)))
            _ = made["verdicts"] | beam.Map(_save, folder)
        verdicts = unpack((file.read_bytes() for file in sorted(Path(folder).iterdir())), VERDICT)
    ids = [np.array(_ids(block)) for block in blocks]
    losers, winners = (_named(ids, verdicts[side]) for side in ("loser", "winner"))
    return dict(zip(losers, zip(winners, verdicts["jaccard"].tolist(), strict=True), strict=True))


def _docs(block: int, blocks: tuple[Block, ...]) -> tuple[int, bytes]:
    ids = _ids(blocks[block])
    priorities = [priority(False, 0, id_) for id_ in ids]
    first, second = np.array(priorities, dtype=np.uint64).reshape(-1, 2).T
    docs = np.uint64(number(block, 0)) + np.arange(len(ids), dtype=np.uint64)
    return block, rows(DOC, doc=docs, first=first, second=second).tobytes()


def _save(verdicts: bytes, folder: str) -> None:
    Path(folder, sha256(verdicts)).write_bytes(verdicts)


def _named(ids: list[np.ndarray], docs: Hashes) -> list[str]:
    return [str(ids[block][local]) for block, local in zip(block_of(docs), local_of(docs), strict=True)]


def _ids(block: Block) -> list[str]:
    with opened(block.path) as file:
        of_block: list[str] = file.read_row_group(block.row_group, columns=["id"]).column("id").to_pylist()
    return of_block

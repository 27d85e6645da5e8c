"""Near-duplicate removal by other tools and by ours: each from Parquet files to the ids that it removes.

Usage: python -m bench.dedup_peers GIVEN OUT, for one measured run: GIVEN is JSON with `tool`, `warm` (a file of a few
documents) and `paths`; OUT gets what came out.

Every tool is asked for 20-token shingles, a threshold of 0.75 and 256 permutations (what differs stands at the tool),
and reads the documents in ascending order of id, the order in which one is to be preferred.
"""

import importlib.util
import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyarrow.parquet as pq

from bench.measured import cpu_s, no_child_left, peak_mb

OURS = "Themis"
BASE = "rensa"
SHINGLE = 20
THRESHOLD = 0.75
PERMUTATIONS = 256
BANDS, ROWS = 32, 8
"""Of the tools that want to be told: rows as in their own examples, as many bands as the permutations give."""

_TOKEN = re.compile(r"[0-9A-Za-z_\u0080-\U0010ffff]+|[!-/:-@\[-^`{-~]")
_BATCH = 256

Removed: TypeAlias = Callable[[Sequence[str]], set[str]]


def documents(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(id, text) of Parquet files, one row group in memory at a time."""
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=["id", "text"]):
                yield from zip(batch["id"].to_pylist(), batch["text"].to_pylist(), strict=True)


def shingles(text: str) -> list[str]:
    """Every run of 20 tokens as a string, each once; tokens are ours: words in any script, and single punctuation."""
    found = _TOKEN.findall(text)
    return list({" ".join(found[at : at + SHINGLE]) for at in range(max(1, len(found) - SHINGLE + 1))})


def ours(paths: Sequence[str]) -> set[str]:
    """The pipeline's own way, on one thread; candidates by 64 bands of 5 rows, each verified, greedy selection."""
    from bench.ours import removed_documents

    return set(removed_documents(paths, threads=1))


def rensa(paths: Sequence[str]) -> set[str]:
    """RMinHash and RMinHashLSH: a document goes where a kept candidate's estimated similarity is at the threshold."""
    return _rensa(paths, shingles)


def rensa_hashed(paths: Sequence[str]) -> set[str]:
    """The same, on the shingles' hashes that our compiled code makes: what is left of it without Python's strings."""
    from filters.minhash import shingles as hashed

    return _rensa(paths, lambda text: hashed(text).astype(">u8").view("V8").tolist())


def _rensa(paths: Sequence[str], cut: Callable[[str], list[Any]]) -> set[str]:
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    kept: list[Any] = []
    removed = set()
    for id_, text in documents(paths):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=42)
        sketch.update(cut(text))
        if any(sketch.jaccard(kept[place]) >= THRESHOLD for place in index.query(sketch)):
            removed.add(id_)
        else:
            index.insert(len(kept), sketch)
            kept.append(sketch)
    return removed


def datasketch(paths: Sequence[str]) -> set[str]:
    """MinHash and MinHashLSH with its own bands: a document goes where the index of the kept ones names any."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    removed = set()
    for id_, text in documents(paths):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([one.encode("utf-8") for one in shingles(text)])
        if index.query(sketch):
            removed.add(id_)
        else:
            index.insert(id_, sketch, check_duplication=False)
    return removed


def published(paths: Sequence[str]) -> set[str]:
    """The published single-machine script, from its description: connected components of unverified band matches.

    Tokens are what non-alphanumeric characters separate. 21 bands of 12 rows (the usual optimiser's choice) over 256
    permutations; of each component the first document stays. A text of fewer tokens has no shingle: all such match.
    """
    from datasketch import MinHash

    words = re.compile(r"[^A-Za-z_0-9]+")
    first: dict[tuple[int, bytes], int] = {}
    parent: list[int] = []
    ids = []

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    for place, (id_, text) in enumerate(documents(paths)):
        ids.append(id_)
        parent.append(place)
        found = [word for word in words.split(text) if word]
        runs = {" ".join(found[at : at + SHINGLE]) for at in range(len(found) - SHINGLE + 1)}
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([one.encode("utf-8") for one in runs])
        for band in range(21):
            values = sketch.hashvalues[12 * band : 12 * (band + 1)]
            one, other = root(first.setdefault((band, values.tobytes()), place)), root(place)
            parent[max(one, other)] = min(one, other)
    return {id_ for place, id_ in enumerate(ids) if root(place) != place}


def gaoya(paths: Sequence[str]) -> set[str]:
    """Its index with its own tokens (white space separates them) and bands; candidates by estimated similarity."""
    from gaoya.minhash import MinHashStringIndex

    run = (SHINGLE, SHINGLE)
    index = MinHashStringIndex(32, THRESHOLD, None, None, PERMUTATIONS, "word", False, run, "vec")
    removed = set()
    for place, (id_, text) in enumerate(documents(paths)):
        if index.query(text):
            removed.add(id_)
        else:
            index.insert_document(place, text)
    return removed


def fast_sketch(paths: Sequence[str]) -> set[str]:
    """FastSketchLSH: a document goes where the index of the kept ones names any."""
    import numpy as np
    from FastSketchLSH import LSH, FastSimilaritySketch

    sketcher = FastSimilaritySketch(size=PERMUTATIONS, seed=42)
    index = LSH(num_perm=PERMUTATIONS, num_bands=BANDS, num_threads=1)
    removed = set()
    for id_, text in documents(paths):
        sketch = np.array(sketcher(shingles(text)), dtype=np.uint64)
        if index.query(sketch):
            removed.add(id_)
        else:
            index.insert(sketch[None, :])
    return removed


def hojichar(paths: Sequence[str]) -> set[str]:
    """GenerateDedupLSH with its alphanumeric tokens and its own bands, and InlineDeduplicator."""
    from hojichar import Document
    from hojichar.filters.deduplication import GenerateDedupLSH, InlineDeduplicator, non_alpha_num_splitter

    keys = GenerateDedupLSH(PERMUTATIONS, THRESHOLD, non_alpha_num_splitter, SHINGLE)
    chooser = InlineDeduplicator()
    found = ((id_, Document(text)) for id_, text in documents(paths))
    return {id_ for id_, document in found if chooser.apply(keys.apply(document)).is_rejected}


def datatrove(paths: Sequence[str]) -> set[str]:
    """Its four steps as documented, 32 buckets of 8 hashes; words of its normalised text are what spaces separate."""
    from bench.dedup_pipelines import datatrove as run

    return run(paths, SHINGLE, (BANDS, ROWS))


def text_dedup(paths: Sequence[str]) -> set[str]:
    """Its MinHash with candidates verified, its own tokens (non-alphanumeric characters separate) and bands."""
    from bench.dedup_pipelines import text_dedup as run

    return run(paths, documents, SHINGLE, THRESHOLD, PERMUTATIONS)


class Tool(NamedTuple):
    """A way to remove near-duplicates.

    Attributes:
        removed: from files to ids.
        package: that it needs; its version is reported.
        module: that must be importable.
    """

    removed: Removed
    package: str
    module: str


TOOLS: dict[str, Tool] = {
    BASE: Tool(rensa, "rensa", "rensa"),
    "rensa on our hashes": Tool(rensa_hashed, "rensa", "rensa"),
    "gaoya": Tool(gaoya, "gaoya", "gaoya"),
    "FastSketchLSH": Tool(fast_sketch, "fastsketchlsh", "FastSketchLSH"),
    "hojichar": Tool(hojichar, "hojichar", "hojichar"),
    "datatrove": Tool(datatrove, "datatrove", "datatrove"),
    "text-dedup, verified": Tool(text_dedup, "text-dedup", "text_dedup"),
    "datasketch": Tool(datasketch, "datasketch", "datasketch"),
    "published script": Tool(published, "datasketch", "datasketch"),
    OURS: Tool(ours, "themis-preference", "bench.ours"),
}


def missing(tool: str) -> str | None:
    """Why a tool cannot run here, or None."""
    name, _, rest = TOOLS[tool].module.partition(".")
    if importlib.util.find_spec(name) is None or (rest and importlib.util.find_spec(TOOLS[tool].module) is None):
        return f"{TOOLS[tool].package} is not installed here"
    return None


def tool_version(package: str) -> str:
    """Version of an installed package, or "unknown" where it is run from its folder."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def measure(tool: str, warm: str, paths: Sequence[str]) -> dict[str, Any]:
    """Run a tool on a few documents, then on all.

    Returns:
        `removed` (sorted ids), `setup_s` (CPU seconds of this process before the work: start, imports, compilation, the
        few documents), `cpu_s` and `wall_s` of the work with reading, `peak_mb`.
    """
    removed = TOOLS[tool].removed
    removed([warm])
    setup, wall = cpu_s(), time.perf_counter()
    found = sorted(removed(paths))
    no_child_left()
    used = {"setup_s": setup, "cpu_s": cpu_s() - setup, "wall_s": time.perf_counter() - wall}
    return {"removed": found, **used, "peak_mb": peak_mb()}


def main(given: Path, out: Path) -> None:
    """Measure one tool."""
    logging.disable(logging.WARNING)
    asked = json.loads(given.read_text(encoding="utf-8"))
    out.write_text(json.dumps(measure(asked["tool"], asked["warm"], asked["paths"])), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""The two peers of bench/dedup_peers.py that come as whole pipelines: datatrove and text-dedup.

Both work on files, so each gets a temporary folder. What they write besides the ids that go is as little as they allow.
"""

import importlib.abc
import importlib.machinery
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeAlias

Documents: TypeAlias = Callable[[Sequence[str]], Iterator[tuple[str, str]]]


def datatrove(paths: Sequence[str], size: int, bands: tuple[int, int]) -> set[str]:
    """Signatures, buckets, clusters, filter, one after another in this process, by the local executor.

    Its English word tokenizer needs spaCy; after its own normalisation, which turns punctuation to spaces, words are
    what spaces separate. Of a cluster the document stays that its union-find has at the root, not the first.

    Args:
        paths: Parquet files.
        size: words of a shingle.
        bands: buckets, and hashes of each.
    """
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter
    from datatrove.pipeline.dedup import MinhashDedupSignature as Signature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig
    from loguru import logger

    logger.remove()
    config = MinhashConfig(size, *bands, hash_config=HashConfig(precision=64))
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        base = Path(folder)
        links = base / "input"
        links.mkdir()
        for number, path in enumerate(paths):
            (links / f"{number:06d}.parquet").symlink_to(Path(path).resolve())
        signatures, buckets, clusters, gone = (
            str(base / name) for name in ("signatures", "buckets", "clusters", "gone")
        )
        reader = {"data_folder": str(links), "read_metadata": False, "glob_pattern": "*.parquet"}
        signing = Signature(signatures, config=config, language=words_by_spaces())
        signing._hash_func = encoded_hash  # its own hands text to xxhash, of which 4.0 wants bytes
        last = MinhashDedupFilter(clusters, JsonlWriter(gone, compression=None))
        steps: tuple[tuple[list[Any], int], ...] = (
            ([ParquetReader(**reader), signing], 1),
            ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
            ([MinhashDedupCluster(buckets, clusters, config=config)], 1),
            ([ParquetReader(**reader), last], 1),
        )
        for number, (steps_of, tasks) in enumerate(steps):
            LocalPipelineExecutor(steps_of, tasks, workers=1, logging_dir=str(base / f"logs{number}")).run()
        lines = (line for file in Path(gone).glob("*.jsonl") for line in file.read_text(encoding="utf-8").split("\n"))
        return {json.loads(line)["id"] for line in lines if line}


def encoded_hash(text: str) -> int:
    """The default hash of datatrove, 64-bit xxhash, of UTF-8."""
    from xxhash import xxh64_intdigest

    return int(xxh64_intdigest(text.encode("utf-8")))


def words_by_spaces() -> Any:
    """A datatrove tokenizer whose words are what white space separates."""
    from datatrove.utils.word_tokenizers import WordTokenizer

    class Spaces(WordTokenizer):  # type: ignore[misc]
        def word_tokenize(self, text: str) -> list[str]:
            return text.split()

        def sent_tokenize(self, text: str) -> list[str]:
            return text.splitlines()

        def span_tokenize(self, text: str) -> list[tuple[int, int]]:
            return [found.span() for found in re.finditer(r"[^\n]+", text)]

    return Spaces()


def text_dedup(paths: Sequence[str], documents: Documents, size: int, threshold: float, permutations: int) -> set[str]:
    """The steps of text-dedup's `minhash.main` with `check_false_positive`, but for saving what stays.

    Its least length is set to one token, or it would drop shorter texts unseen.

    Args:
        paths: Parquet files.
        documents: their (id, text).
        size: words of a shingle.
        threshold: of the similarity.
        permutations: of the signature.
    """
    _let_text_dedup_load()
    from text_dedup import minhash
    from text_dedup.config.base import load_config_from_toml

    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        files = ", ".join(json.dumps(str(Path(path).resolve())) for path in paths)
        (Path(folder) / "config.toml").write_text(
            f"""
[input]
input_type = "local_files"
file_type = "parquet"
read_arguments = {{ path = "parquet", data_files = [{files}], split = "train", cache_dir = "{folder}/cache" }}
[algorithm]
algorithm_name = "minhash"
text_column = "text"
num_perm = {permutations}
ngram_size = {size}
threshold = {threshold}
min_length = 1
check_false_positive = true
num_proc = 1
[output]
output_dir = "{folder}/out"
[debug]
""",
            encoding="utf-8",
        )
        config = load_config_from_toml(Path(folder) / "config.toml")
        found, _, _ = minhash.load_and_preprocess(config)
        clusters = minhash.cluster(config, minhash.fingerprint(config, found))
        verified, _ = minhash.check_false_positives(config, minhash.assign(config, found, clusters))
        kept = set(minhash.remove_duplicates(config, verified)["id"])
        return {id_ for id_, _ in documents(paths)} - kept


class _OldPython(importlib.machinery.SourceFileLoader):
    """Reads Python 3.12's `type X = Y` as `X = Y`."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        return compile(re.sub(rb"(?m)^type (\w+ =)", rb"\1", data), path, "exec", dont_inherit=True, optimize=_optimize)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != "text_dedup":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _OldPython(name, spec.origin)
        return spec


def _let_text_dedup_load() -> None:
    """Make text-dedup 0.4.1 importable under Python 3.11: it uses two things of 3.12, `type` and `typing.override`."""
    if sys.version_info >= (3, 12) or any(isinstance(one, _Finder) for one in sys.meta_path):
        return
    import typing

    import typing_extensions

    typing.override = typing_extensions.override  # type: ignore[attr-defined]
    sys.meta_path.insert(0, _Finder())

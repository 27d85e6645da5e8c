"""A corpus of real files in eight languages from pinned registry packages, with planted near-duplicates.

Usage: python -m bench.corpus [--out runs/bench/corpus] [--cache DIR] [--packages bench/corpus_packages.toml]

It writes `files-00000-of-00016.parquet` and so on (id, language, repo, path, text; by id; row groups of at most 8 MB of
text), `planted.json` and `corpus.json`. The same packages give the same bytes. Archives stay in the cache, a folder
outside the repository; nothing of a package is unpacked to disk, built or run.
"""

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from bench import source_trees
from bench.planted import Planted, plant_all
from bench.source_trees import Tree
from pipeline.beam import shard_of
from pipeline.sources.packages import Package, PackagesSource
from schemas.config import Options
from schemas.errors import ConfigError, ThemisError
from schemas.records import SourceFile

HERE = Path(__file__).parent
SHARDS = 16
PLANTED_EACH = 500
SEED = 0
_GROUP_BYTES = 8_000_000
_ARCHIVE_BYTES = 200_000_000
_UNPACKED_BYTES = 1_000_000_000
_REGISTRIES = ("pypi", "npm", "debian")
_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("language", pa.string()),
        ("repo", pa.string()),
        ("path", pa.string()),
        ("text", pa.large_string()),
    ]
)


class Wanted(Options):
    """An entry of corpus_packages.toml.

    Attributes:
        registry: `pypi` (source distributions), `npm`, `debian` (binary packages) or `debian-source`.
        name: of the package.
        version: exact.
        sha256: of the archive; of the .dsc for `debian-source`, which holds those of the archives.
        languages: released spellings to take.
        max_files: files taken, an even draw by path.
        max_file_bytes: larger files are left out.
    """

    registry: Literal["pypi", "npm", "debian", "debian-source"]
    name: str
    version: str
    sha256: str
    languages: tuple[str, ...]
    max_files: int
    max_file_bytes: int = 300_000


class Row(NamedTuple):
    """One file of the corpus, the columns of its table."""

    id: str
    language: str
    repo: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Built:
    """What a corpus holds.

    Attributes:
        rows: by id, planted copies included.
        planted: what is known of the copies, by id.
    """

    rows: list[Row]
    planted: list[Planted]


def wanted(path: Path) -> list[Wanted]:
    """The packages that a TOML file lists.

    Raises:
        ConfigError: the file is not there, or an entry is wrong or listed twice.
    """
    try:
        found = TypeAdapter(list[Wanted]).validate_python(
            _tuples(tomllib.loads(path.read_text(encoding="utf-8")).get("package", []))
        )
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"{path}: {error}. See bench/corpus.py for the keys of a [[package]].") from None
    keys = Counter((one.registry, one.name, one.version) for one in found)
    if twice := [" ".join(key) for key, times in keys.items() if times > 1]:
        raise ConfigError(f"{path}: listed more than once: {', '.join(twice)}. Keep one entry of each.")
    return found


def _tuples(entries: Any) -> Any:
    """TOML arrays as the tuples that strict models ask for."""
    return [{key: tuple(value) if isinstance(value, list) else value for key, value in one.items()} for one in entries]


def _source(packages: Sequence[Wanted]) -> PackagesSource:
    """Packages of one registry as the pipeline's source; the bounds are the first one's."""
    first = packages[0]
    listed = tuple(
        Package(name=one.name, version=one.version, sha256=one.sha256, languages=one.languages) for one in packages
    )
    return PackagesSource(
        name=first.registry,
        registry=first.registry,  # type: ignore[arg-type]  # the caller leaves `debian-source` out
        packages=listed,
        max_files_per_package=first.max_files,
        max_file_bytes=first.max_file_bytes,
        max_archive_bytes=_ARCHIVE_BYTES,
        max_unpacked_bytes=_UNPACKED_BYTES,
    )


def _tree(one: Wanted) -> Tree:
    return Tree(one.name, one.version, one.sha256, one.languages, one.max_files, one.max_file_bytes)


def fetch(packages: Sequence[Wanted], cache: Path, progress: Callable[[str], None]) -> None:
    """Bring every archive that the cache lacks.

    Raises:
        SourceUnavailable: one can't be had, or is another.
    """
    for registry in _REGISTRIES:
        if listed := [one for one in packages if one.registry == registry]:
            _source(listed).prepare(cache, progress)
    source_trees.fetch([_tree(one) for one in packages if one.registry == "debian-source"], cache, progress)


def read(one: Wanted, cache: Path) -> list[SourceFile]:
    """The files of a fetched package.

    Raises:
        SourceUnavailable: its archive is broken.
    """
    if one.registry == "debian-source":
        return source_trees.read(_tree(one), cache)
    source = _source([one])
    units = source.prepare(cache, lambda line: None).units
    return [item for unit in units for item in source.read(unit, cache) if isinstance(item, SourceFile)]


def build(files: Iterable[SourceFile], planted_each: int, seed: int = SEED) -> Built:
    """The corpus of some files, each once; with planted copies of some of them."""
    rows = {
        one.id: Row(one.id, one.language, f"{one.origin.repo}@{one.origin.revision}", one.origin.path, one.text)
        for one in files
    }
    copies = plant_all(((row.id, row.text) for row in rows.values()), planted_each, seed)
    for known, text in copies:
        original = rows[known.original]
        rows[known.id] = Row(known.id, original.language, "planted", original.path, text)
    return Built([rows[id_] for id_ in sorted(rows)], sorted(known for known, _ in copies))


def write(built: Built, out: Path, shards: int = SHARDS) -> None:
    """Write the tables and the two JSON files; what a folder held of an earlier corpus is replaced."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("files-*.parquet"):
        old.unlink()
    by_shard: list[list[Row]] = [[] for _ in range(shards)]
    for row in built.rows:
        by_shard[shard_of(row.id, shards)].append(row)
    for shard, rows in enumerate(by_shard):
        path = out / f"files-{shard:05d}-of-{shards:05d}.parquet"
        with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
            for group in groups(rows):
                columns = [list(column) for column in zip(*group, strict=True)]
                writer.write_table(pa.table(columns, schema=_SCHEMA))
    _write_json(out / "planted.json", [known._asdict() for known in built.planted])
    _write_json(out / "corpus.json", summary(built))


def groups(rows: Iterable[Row], most: int = _GROUP_BYTES) -> Iterator[list[Row]]:
    """Runs of rows with at most `most` bytes of text, one row at least."""
    group: list[Row] = []
    size = 0
    for row in rows:
        own = len(row.text.encode("utf-8"))
        if group and size + own > most:
            yield group
            group, size = [], 0
        group.append(row)
        size += own
    if group:
        yield group


def summary(built: Built) -> dict[str, Any]:
    """Counts of files and bytes, by language and by package; of planted copies, by interval."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    packages: Counter[str] = Counter()
    for row in built.rows:
        packages[row.repo] += 1
        if row.repo != "planted":
            files[row.language] += 1
            sizes[row.language] += len(row.text.encode("utf-8"))
    intervals = Counter(f"{one.low:.2f}-{one.high:.2f}" for one in built.planted)
    return {
        "files": files.total(),
        "bytes": sizes.total(),
        "planted": dict(sorted(intervals.items())),
        "languages": {name: {"files": files[name], "bytes": sizes[name]} for name in sorted(files)},
        "packages": dict(sorted(packages.items())),
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module's text."""
    parser = argparse.ArgumentParser(prog="bench.corpus", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("runs/bench/corpus"))
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "themis" / "bench")
    parser.add_argument("--packages", type=Path, default=HERE / "corpus_packages.toml")
    parser.add_argument("--planted", type=int, default=PLANTED_EACH, help="copies in each interval of similarity")
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    try:
        listed = wanted(options.packages)
        fetch(listed, options.cache, console.print)
        files: list[SourceFile] = []
        for one in listed:
            found = read(one, options.cache)
            console.print(f"{one.registry}: {one.name}@{one.version}: {len(found)} files")
            files += found
    except ThemisError as error:
        console.print(str(error))
        return 2 if isinstance(error, ConfigError) else 1
    built = build(files, options.planted)
    write(built, options.out)
    whole = summary(built)
    console.print(json.dumps({key: whole[key] for key in ("files", "bytes", "planted", "languages")}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

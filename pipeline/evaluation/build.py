"""A benchmark from runs' held-out pairs: which pairs, under which subset names, and the files of its folder. Pure.

The folder has the released columns and spellings, and the released configurations and splits for
`datasets.load_dataset` (`Full`; `Stratified_Aspect` and `Stratified_Language` with a split each). A file holds one
criterion in one language, so that each row is stored once and each split is a pattern of file names.
"""

import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from pydantic import Field, field_validator

from pipeline.stages.selection import balanced, length_side, rank
from schemas import contract
from schemas.config import Options
from schemas.provenance import decisive
from schemas.records import PAIR_KINDS

FOLDERS = {False: ("data", "provenance"), True: ("placebo", "placebo_provenance")}
"""Whether the label is a tie, to the folders of the rows and of their provenance."""

ROW_GROUP = 1024
CARD = "README.md"


class BuildOptions(Options):
    """What of the runs' benchmarks goes in.

    Attributes:
        subset: the column `subset`: as the run has it (`made`), the pair's kind, what decides it, its source, its run.
        exclude: kinds of pairs that are left out.
        cap: pairs of one criterion in one language, at most; members of one cluster go together as far as they fit.
        per_repository: pairs of one repository (with its forks) in one criterion and language, at most.
        min_clusters: repositories (with their forks) that a criterion in one language needs, else it is left out.
        balance: as many pairs whose chosen side is longer as shorter, per criterion and language.
        seed: of the samples.
    """

    subset: Literal["made", "kind", "operator", "source", "run"] = "made"
    exclude: tuple[str, ...] = ("placebo",)
    cap: int | None = Field(default=None, ge=1)
    per_repository: int | None = Field(default=None, ge=1)
    min_clusters: int = Field(default=1, ge=1)
    balance: bool = False
    seed: int = 20190601

    @field_validator("exclude")
    @classmethod
    def _kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [kind for kind in kinds if kind not in PAIR_KINDS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no kind of pair; there are {', '.join(sorted(PAIR_KINDS))}")
        return tuple(sorted(set(kinds)))


@dataclass(frozen=True, slots=True)
class Row:
    """One held-out pair of a run.

    Attributes:
        data: columns of `contract.BENCHMARK`.
        origin: columns of `contract.BENCHMARK_PROVENANCE`.
        run: name of its run.
        group: the smallest name among its repository and its forks.
    """

    data: dict[str, Any]
    origin: dict[str, Any]
    run: str
    group: str

    @property
    def id(self) -> str:
        """The pair's id."""
        return str(self.data["id"])

    @property
    def tie(self) -> bool:
        """Whether its label is a tie."""
        return bool(self.origin["kind"] == "placebo")

    @property
    def stratum(self) -> tuple[bool, str, str]:
        """(whether it is a tie, criterion, language)."""
        return self.tie, self.data["aspect"], self.data["language"]


def select(rows: Iterable[Row], options: BuildOptions) -> tuple[list[Row], Counter[str]]:
    """Rows to keep, ordered by id and with their subset's name; and reason to how many were dropped.

    Args:
        rows: of all runs, none twice.
        options: what goes in.
    """
    dropped: Counter[str] = Counter()
    strata: dict[tuple[bool, str, str], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        if row.origin["kind"] in options.exclude:
            dropped["excluded_kind"] += 1
        else:
            strata[row.stratum].append(row)
    kept: list[Row] = []
    for group in strata.values():
        kept += _of_stratum(group, options, dropped)
    return [_named(row, options) for row in sorted(kept, key=lambda row: row.id)], dropped


def _of_stratum(rows: list[Row], options: BuildOptions, dropped: Counter[str]) -> list[Row]:
    steps = (
        ("per_repository", lambda given: _per_repository(given, options)),
        ("unbalanced", lambda given: _balanced(given, options)),
        ("cap", lambda given: _capped(given, options)),
        ("few_clusters", lambda given: given if len({row.group for row in given}) >= options.min_clusters else []),
    )
    for reason, step in steps:
        left = step(rows)
        dropped[reason] += len(rows) - len(left)
        rows = left
    return rows


def _ranked(rows: Sequence[Row], seed: int) -> list[Row]:
    """Rows in a random order that only ids decide, members of one cluster one after the other."""
    return sorted(rows, key=lambda row: (rank(seed, row.origin["cluster"] or row.id), row.id))


def _per_repository(rows: list[Row], options: BuildOptions) -> list[Row]:
    if options.per_repository is None:
        return rows
    taken: Counter[str] = Counter()
    kept = []
    for row in _ranked(rows, options.seed):
        taken[row.group] += 1
        if taken[row.group] <= options.per_repository:
            kept.append(row)
    return kept


def _balanced(rows: list[Row], options: BuildOptions) -> list[Row]:
    if not options.balance:
        return rows
    kept = balanced({row.id: length_side(row.data["chosen"], row.data["rejected"]) for row in rows}, options.seed)
    return [row for row in rows if row.id in kept]


def _capped(rows: list[Row], options: BuildOptions) -> list[Row]:
    return rows if options.cap is None else _ranked(rows, options.seed)[: options.cap]


def _named(row: Row, options: BuildOptions) -> Row:
    steps = [(step["side"], step["name"]) for step in row.origin["steps"] or ()]
    subset = {
        "made": row.data["subset"],
        "kind": str(row.origin["kind"]).upper(),
        "operator": decisive(steps),
        "source": row.origin["source"],
        "run": row.run,
    }[options.subset]
    return Row({**row.data, "subset": subset}, row.origin, row.run, row.group)


def files(rows: Sequence[Row]) -> dict[str, tuple[bytes, int]]:
    """Relative path to (bytes, rows) of every table of the folder; equal rows give equal bytes.

    Args:
        rows: ordered by id.
    """
    tables: dict[tuple[bool, str], list[Row]] = defaultdict(list)
    for row in rows:
        tables[row.tie, f"{_plain(row.data['aspect'])}-{_plain(row.data['language'])}.parquet"].append(row)
    found = {}
    for (tie, name), group in sorted(tables.items()):
        data, beside = FOLDERS[tie]
        found[f"{data}/{name}"] = _table([row.data for row in group], contract.BENCHMARK), len(group)
        found[f"{beside}/{name}"] = _table([row.origin for row in group], contract.BENCHMARK_PROVENANCE), len(group)
    return found


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink, compression="zstd", row_group_size=ROW_GROUP)
    return sink.getvalue()


def card(name: str, rows: Sequence[Row], certificate: Mapping[str, Any]) -> str:
    """The benchmark's card; its front matter is what `datasets.load_dataset` reads.

    Args:
        name: of the benchmark.
        rows: that it holds.
        certificate: of its disjointness.
    """
    labelled = [row for row in rows if not row.tie]
    counts = Counter((row.data["language"], row.data["aspect"]) for row in labelled)
    aspects, languages = sorted({key[1] for key in counts}), sorted({key[0] for key in counts})
    licences = Counter(row.origin["license"] or "unknown" for row in rows)
    runs = ", ".join(f"`{run['name']}`" for run in certificate["runs"])
    table = [
        "| language | " + " | ".join(aspects) + " |",
        "|---" * (len(aspects) + 1) + "|",
        *(f"| {one} | " + " | ".join(str(counts[one, aspect]) for aspect in aspects) + " |" for one in languages),
    ]
    lines = [
        "---",
        yaml.safe_dump(_front(name, aspects, languages, len(labelled) < len(rows)), sort_keys=False).strip(),
        "---",
        "",
        f"# {name}",
        "",
        f"{len(labelled):,} code preference pairs of {len({row.group for row in labelled}):,} repositories, "
        f"held out of the training sets of {runs}.",
        "`chosen` is the better answer to `prompt` by the criterion `aspect`.",
        "A file holds one criterion in one language; `provenance/` has each row's repository, revision, path, licence",
        "and steps in the same order. `certificate.json` says what was compared with the training sets, and how.",
        "",
        *table,
        "",
        "Licences of the code: " + ", ".join(f"{one} {count:,}" for one, count in sorted(licences.items())) + ".",
        "",
    ]
    return "\n".join(lines)


def _front(name: str, aspects: Sequence[str], languages: Sequence[str], ties: bool) -> dict[str, Any]:
    configs = [
        {"config_name": "Full", "default": True, "data_files": [{"split": "Full", "path": "data/*.parquet"}]},
        {
            "config_name": "Stratified_Aspect",
            "data_files": [{"split": one, "path": f"data/{_plain(one)}-*.parquet"} for one in aspects],
        },
        {
            "config_name": "Stratified_Language",
            "data_files": [{"split": _plain(one), "path": f"data/*-{_plain(one)}.parquet"} for one in languages],
        },
    ]
    if ties:
        configs.append({"config_name": "Placebo", "data_files": [{"split": "Full", "path": "placebo/*.parquet"}]})
    return {
        "pretty_name": name,
        "task_categories": ["text-ranking", "text-classification"],
        "tags": ["code", "reward-model", "benchmark"],
        "configs": configs,
    }


def as_json(value: Any) -> bytes:
    """JSON as it is written: sorted keys, so that equal values give equal bytes."""
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()

"""Source `bigquery`: single-file commits of the public data set of GitHub, by the query in `bigquery.sql`."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import apache_beam as beam
from pydantic import Field, StringConstraints

from parsers.language import languages
from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.sources.bigquery_blobs import complete
from pipeline.sources.commit_rows import HOST, RowOptions, change_of, dropped, origin_of, repo_of, seconds
from pipeline.sources.files import Refused
from pipeline.sources.git import GitSource
from pipeline.sources.git_place import Place, Repository
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, content_id
from schemas.records import Change, Dropped, Facts, SourceFile

QUERY = Path(__file__).with_suffix(".sql")
PUBLIC = "bigquery-public-data.github_repos"
PERMISSIVE = ("apache-2.0", "artistic-2.0", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "isc", "mit", "unlicense")
COPYLEFT = ("agpl-3.0", "epl-1.0", "lgpl-2.1", "mpl-2.0")
"""Licences of the paper's query, as the table spells them; those that pass terms on only by opt-in."""

_MODES = (0o100644, 0o100664, 0o100755)
_PARAMETER = re.compile(r"@([a-z_]+)")
_WORD = re.compile(r"[A-Za-z0-9._+/-]+")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/(?!\.{1,2}$)[A-Za-z0-9._-]+")
_NEEDS = ("google.cloud.bigquery", "apitools")
_FIRST, _LAST = date(1970, 1, 1), date(2021, 2, 1)

Parameter: TypeAlias = int | tuple[int, ...] | tuple[str, ...]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$")]


class BigQuerySource(Source):
    """Commits of BigQuery's public data set of GitHub: one regular file, modified in place, and no merge.

    Beam's own reader runs the query; it needs the extra `gcp`, credentials, and `execution.beam_options` with
    `--project` (which pays) and, for `EXPORT`, `--temp_location` or `bucket`. The public tables are
    made anew now and then: copy them and name the copy in `dataset` for a run that can be repeated, since the key of a
    run holds the query and its parameters, not what they give.

    The tables hold only blobs that stood at the head of a branch, so most commits lack a side. They are dropped as
    `missing_blob`; with `clone` the workers first look for the blobs in the repositories, one fetch a repository and
    another for each commit that it did not bring. Low-signal messages stay in, for the filters to count.

    Attributes:
        dataset: project and data set that hold `commits`, `contents` and `licenses`.
        since: first day (UTC) of both author and committer time.
        until: the day after the last.
        copyleft: whether AGPL-3.0, EPL-1.0, LGPL-2.1 and MPL-2.0 are wanted too.
        repositories: only these, `owner/name`; empty for all.
        min_message_chars: of the message without white space around it, exclusive.
        max_message_chars: likewise.
        max_blob_bytes: larger sides are dropped.
        method: how Beam reads the answer: `EXPORT` by files in a bucket, `DIRECT_READ` by the storage API.
        bucket: `gs://` folder of those files; default: Beam's `--temp_location`.
        clone: whether missing sides are fetched from the repositories.
        clone_from: where `owner/name` is fetched from, then and when a record is replayed: a URL, or a folder of
            mirrors.
        timeout_s: longest time for one git command, a fetch among them.
    """

    kind: Literal["bigquery"] = "bigquery"
    dataset: str = Field(default=PUBLIC, pattern=r"^[a-z][a-z0-9:.-]*\.[A-Za-z0-9_]+$")
    since: date = _FIRST
    until: date = _LAST
    copyleft: bool = False
    repositories: tuple[Name, ...] = ()
    min_message_chars: int = Field(default=10, ge=0)
    max_message_chars: int = Field(default=15_000, ge=1)
    max_blob_bytes: int = Field(default=1_000_000, ge=1)
    method: Literal["EXPORT", "DIRECT_READ"] = "EXPORT"
    bucket: str | None = Field(default=None, pattern="^gs://")
    clone: bool = False
    clone_from: str = "https://github.com"
    timeout_s: float = Field(default=3600, gt=0)

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """One unit that stands for the query; nothing is asked yet. See `Source.prepare`.

        Raises:
            ConfigError: Beam's reader lacks the extra `gcp`.
        """
        for module in _NEEDS:
            try:
                import_module(module)
            except ImportError:
                raise ConfigError(
                    f"source {self.name!r}: kind bigquery needs the extra gcp ({module} is not installed): "
                    "`pip install themis-preference[gcp]`."
                ) from None
        progress(f"{self.name}: one query of {self.dataset}")
        return Prepared((Unit(self.name, "query", content_id("query", self.query())),))

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """Nothing: `rows` reads."""
        return iter(())

    def rows(self, cache: Path) -> Any:
        """The query's rows as records; see `Source.rows`."""
        return ReadRows(self, str(cache))

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        """The change at `origin`, fetched from its repository, since a query costs much; see `Source.replay`."""
        repository = Repository(location=self.place(origin.repo).location, repo=origin.repo)
        git = GitSource(
            name=self.name, repositories=(repository,), max_blob_bytes=self.max_blob_bytes, pull_requests=False,
            timeout_s=self.timeout_s,
        )  # fmt: skip
        found = git.replay(origin, cache)
        if isinstance(found, Change):  # the query knows no more facts than this one
            found = replace(found, facts=Facts(authored_at=found.facts.authored_at))
        return found

    def place(self, repo: str) -> Place:
        """Where a repository, `github.com/owner/name`, is fetched from.

        Raises:
            SourceUnavailable: it is not spelled so.
        """
        name = repo.removeprefix(f"{HOST}/")
        if not _REPOSITORY.fullmatch(name):
            raise SourceUnavailable(f"source {self.name!r}: {repo!r} is no repository {HOST}/owner/name.")
        location = f"{self.clone_from.rstrip('/')}/{name}"
        return Place(self.name, location, "HEAD", repo, None, self.max_blob_bytes, False, self.timeout_s)

    def query(self) -> str:
        """The query with its parameters written out."""
        parameters: dict[str, Parameter] = {
            "min_message": self.min_message_chars,
            "max_message": self.max_message_chars,
            "since": _midnight(self.since),
            "until": _midnight(self.until),
            "licences": (*PERMISSIVE, *(COPYLEFT if self.copyleft else ())),
            "endings": _endings(),
            "modes": _MODES,
            "repositories": self.repositories,
        }
        return fill(QUERY.read_text(encoding="utf-8"), parameters).replace(PUBLIC, self.dataset)


class ReadRows(beam.PTransform):
    """From the pipeline's start to one record for each row of the query.

    Args:
        source: whose query it is.
        cache: the workers' cache folder.
    """

    def __init__(self, source: BigQuerySource, cache: str) -> None:
        super().__init__()
        self.source = source
        self.cache = cache

    def expand(self, begin: Any) -> Any:
        """The wiring."""
        rows = begin | "query" >> reader(self.source)
        if self.source.clone:
            by_repository = rows | "repository" >> beam.Map(_by_repository) | beam.GroupByKey()
            rows = by_repository | "complete" >> beam.FlatMap(partial(completed, source=self.source, cache=self.cache))
        options = RowOptions(self.source.name, self.source.max_blob_bytes)
        return rows | "records" >> beam.Map(partial(record_of, options=options))


def _by_repository(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return repo_of(row.get("repos")), row


def completed(
    item: tuple[str, Iterable[dict[str, Any]]], source: BigQuerySource, cache: str
) -> Iterable[dict[str, Any]]:
    """Rows of one repository, completed from it where it can be had."""
    repo, rows = item
    try:
        place = source.place(repo)
    except SourceUnavailable:
        return rows
    return complete(rows, place, Path(cache))


def reader(source: BigQuerySource) -> Any:
    """Beam's reader of the query: rows as dictionaries."""
    return beam.io.ReadFromBigQuery(
        query=source.query(), use_standard_sql=True, method=source.method, gcs_location=source.bucket
    )


def record_of(row: Mapping[str, Any], options: RowOptions) -> Change | Dropped:
    """The change of one row of the query; `missing_blob` where a side is not there, or is not the blob's text.

    The table keeps texts, so a file that is no UTF-8 has lost bytes in it; the blob's own sha1 tells.

    Args:
        row: the query's columns.
        options: of the source.
    """
    for side in ("old", "new"):
        blob, text = row.get(f"{side}_blob"), row.get(f"{side}_contents")
        if not isinstance(text, str | bytes):
            return dropped(origin_of(row, options), Refused("missing_blob", f"{side} side: {blob}"))
        if _blob_sha1(text) != blob:
            return dropped(origin_of(row, options), Refused("missing_blob", f"{side} side: not the bytes of {blob}"))
    return change_of(row, options, "the query's answer", Facts(authored_at=seconds(row.get("author_time"))))


def fill(sql: str, parameters: Mapping[str, Parameter]) -> str:
    """A query with literals for its named parameters, which Beam's reader has no place for.

    Raises:
        ConfigError: the query and `parameters` differ in a name, or a text is more than a plain word.
    """
    wanted = set(_PARAMETER.findall(sql))
    if wanted != set(parameters):
        raise ConfigError(f"bigquery.sql: parameters {sorted(wanted)}, must be {sorted(parameters)}.")
    return _PARAMETER.sub(lambda match: _literal(match[1], parameters[match[1]]), sql)


def _literal(name: str, value: Parameter) -> str:
    if isinstance(value, int):
        return str(value)
    texts = [item for item in value if isinstance(item, str)]
    for text in texts:
        if not _WORD.fullmatch(text):
            raise ConfigError(f"bigquery: {name}: {text!r} must be letters, digits and . _ + / - alone.")
    kind = "INT64" if value and not texts else "STRING"
    items = (f"'{item}'" if isinstance(item, str) else str(item) for item in value)
    return f"ARRAY<{kind}>[{', '.join(items)}]"


def _endings() -> tuple[str, ...]:
    known = languages().values()
    return tuple(sorted({ending for one in known for ending in one.extensions}))


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _blob_sha1(text: str | bytes) -> str:
    """What git calls a blob of this text."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()

"""Source `commits`: released tables of commits, from the hub through `datasets`, or as files on disk."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from glob import has_magic
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import Field, model_validator

from pipeline.sources import commit_files as tables
from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.sources.commit_rows import RowOptions, change_of, dropped
from pipeline.sources.files import Refused, matches, walk
from pipeline.sources.git_plumbing import is_sha
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, content_id
from schemas.records import Change, SourceFile

_LINE_BYTES = 2**20
_ESCAPED_SIDES = 12
"""Two sides, of which JSON may write each byte as six."""


class CommitsSource(Source):
    """Rows of git-commits, git-commits-merged, CommitPack or CommitPackFT, one `Change` each.

    Columns go by name: `commit, repos, file_path` (or `new_file`, with `old_file`)`, old_contents, new_contents,
    message` (or `subject`) are needed, `license, unix_time, lang` are used where there are any, others are left alone.
    Exactly one of `paths` and `dataset` is given. Every read is a stream; nothing is held but a batch of rows.

    A row does not say whether its commit touched other files, and the released tables hold commits that did.

    Attributes:
        paths: Parquet files, JSON lines (`.jsonl`, `.ndjson`, `.json`, each also `.gz` or `.zst`), folders of them, and
            patterns (`*`, and `**` for any number of folders).
        dataset: id on the hub, such as `project-themis/git-commits-merged`, or a folder that `datasets` understands.
        configuration: of the data set, such as `C#` (git-commits-merged spells languages as they are released).
        split: of the data set.
        data_files: patterns of files inside the data set, such as `data/python/*.jsonl`, for one that has a loading
            script (CommitPack, CommitPackFT): scripts are never run.
        revision: of the data set on the hub: branch, tag or commit; a full sha pins it.
        language: of files whose path says none; default: the row's own word for it.
        max_blob_bytes: larger sides are dropped.
    """

    kind: Literal["commits"] = "commits"
    paths: tuple[str, ...] = ()
    dataset: str | None = Field(default=None, min_length=1)
    configuration: str | None = None
    split: str = "train"
    data_files: tuple[str, ...] = ()
    revision: str | None = None
    language: str | None = None
    max_blob_bytes: int = Field(default=1_000_000, ge=1)

    @model_validator(mode="after")
    def _one_place(self) -> "CommitsSource":
        if bool(self.paths) == (self.dataset is not None):
            raise ValueError("give either paths or dataset")
        if self.dataset is None and (self.configuration or self.data_files or self.revision):
            raise ValueError("configuration, data_files and revision belong to a dataset; paths have none")
        return self

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """List and digest the files, or resolve the data set's revision and list its shards; see `Source.prepare`.

        Raises:
            ConfigError: a table lacks a column, or is none.
        """
        units: list[Unit] = []
        warnings: list[str] = []
        seen: set[Path] = set()
        for given in (self.dataset,) if self.dataset is not None else dict.fromkeys(self.paths):
            try:
                units += self._shards(cache, progress) if self.dataset else self._path_units(given, seen, progress)
            except SourceUnavailable as error:
                if self.required:
                    raise
                warnings.append(str(error))
        return Prepared(tuple(units), tuple(warnings))

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """The rows of one unit, in the table's order; see `Source.read`."""
        key = json.loads(unit.key)
        options = RowOptions(self.name, self.max_blob_bytes, self.language)
        for where, row in self._rows(key, cache):
            if isinstance(row, Refused):
                yield dropped(Origin(self.name, "", "", "", ""), replace(row, detail=f"{where}: {row.detail}"))
            else:
                yield change_of(row, options, where)

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        """The row at `origin`, found again by its commit; see `Source.replay`.

        Of Parquet files, row groups that can't hold the commit are skipped; anything else is read from its begin.
        """
        options = RowOptions(self.name, self.max_blob_bytes, self.language)
        seen = "is not there any more"
        for row in self._rows_with(origin.revision, cache):
            record = change_of(row, options, "")
            found = record.origin
            if isinstance(record, Change) and (found.revision, found.path) == (origin.revision, origin.path):
                if (found.blob_sha256, found.repo) == (origin.blob_sha256, origin.repo):
                    return replace(record, origin=origin)
                seen = "has changed since"
        raise SourceUnavailable(
            f"source {self.name!r}: {origin.path} of {origin.repo} at {origin.revision} {seen} "
            f"(blob {origin.blob_sha256}). Put that version back under {self.dataset or ', '.join(self.paths)}."
        )

    @property
    def _max_line_bytes(self) -> int:
        return _ESCAPED_SIDES * self.max_blob_bytes + _LINE_BYTES

    def _files(self, given: str) -> list[Path]:
        """The tables that `given` names, sorted."""
        path = Path(given)
        if path.is_dir():
            found = [path / name for name in walk(given) if tables.is_table(name)]
        elif path.exists() or not has_magic(given):
            found = [path]
        else:
            parts = PurePosixPath(given).parts
            fixed = next(at for at, part in enumerate(parts) if has_magic(part))
            root, pattern = Path(*parts[:fixed]), parts[fixed:]
            names = [name for name in walk(str(root)) if tables.is_table(name)]
            found = [root / name for name in names if matches(name.split("/"), pattern)]
        found = [one for one in found if one.is_file()]
        if not found:
            raise SourceUnavailable(
                f"source {self.name!r}: paths: {given!r}: no Parquet or JSON lines there, seen from {Path.cwd()}. "
                "Correct the path, or set `required: false`."
            )
        unknown = [str(one) for one in found if not tables.is_table(one.name)]
        if unknown:
            raise ConfigError(
                f"source {self.name!r}: paths: {unknown[0]!r} is no .parquet, .jsonl, .ndjson or .json (.gz, .zst)."
            )
        return found

    def _path_units(self, given: str, seen: set[Path], progress: Callable[[str], None]) -> list[Unit]:
        """Units of one path or pattern, without the tables that another one has named."""
        units = []
        for path in self._files(given):
            if path.resolve() not in seen:
                seen.add(path.resolve())
                progress(f"{self.name}: {path}")
                units += self._file_units(path)
        return units

    def _file_units(self, path: Path) -> list[Unit]:
        tables.check(path, self._max_line_bytes)
        digest = tables.digest_of(path)
        if not tables.is_parquet(path):
            return [Unit(self.name, json.dumps([str(path), None]), digest)]
        return [
            Unit(self.name, json.dumps([str(path), groups]), content_id(digest, *map(str, groups)))
            for groups in tables.row_groups(path)
        ]

    def _shards(self, cache: Path, progress: Callable[[str], None]) -> list[Unit]:
        progress(f"{self.name}: resolving {self.dataset}")
        revision, digest = self._resolve()
        stream = self._stream(revision, cache)
        for row in stream.take(1):
            tables.refuse_missing(f"source {self.name!r}: dataset {self.dataset}", list(row))
        count = stream.num_shards
        progress(f"{self.name}: {count} shards of {self.dataset} at {revision or 'this folder'}")
        what = (digest, self.configuration or "", self.split, *self.data_files)
        return [
            Unit(self.name, json.dumps([revision, index, count]), content_id(*what, str(index), str(count)))
            for index in range(count)
        ]

    def _resolve(self) -> tuple[str | None, str]:
        """The data set's revision as a full sha (None for a folder), and a digest of all that it holds."""
        assert self.dataset is not None
        folder = Path(self.dataset)
        if folder.is_dir():
            parts = [part for name in walk(self.dataset) for part in (name, tables.digest_of(folder / name))]
            return None, content_id(*parts)
        if self.revision is not None and is_sha(self.revision):
            return self.revision, self.revision
        from huggingface_hub import HfApi

        try:
            found = HfApi().dataset_info(self.dataset, revision=self.revision).sha
        except (OSError, ValueError, RuntimeError) as error:
            raise self._unreachable(error) from None
        if found is None:
            raise self._unreachable(ValueError("the hub names no commit of it"))
        return found, found

    def _stream(self, revision: str | None, cache: Path) -> Any:
        """The data set as a stream (`datasets.IterableDataset`); no script of it is ever run."""
        from datasets import load_dataset

        assert self.dataset is not None
        where: dict[str, Any] = {"path": self.dataset, "name": self.configuration, "revision": revision}
        if self.data_files:
            root = self.dataset if revision is None else f"hf://datasets/{self.dataset}@{revision}"
            builder = "parquet" if self.data_files[0].endswith(".parquet") else "json"
            where = {"path": builder, "data_files": {self.split: [f"{root}/{name}" for name in self.data_files]}}
        try:
            return load_dataset(**where, split=self.split, streaming=True, cache_dir=str(cache / "datasets"))
        except (OSError, ValueError, RuntimeError) as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: Exception) -> SourceUnavailable:
        said = str(error).strip().split("\n")[0] or type(error).__name__
        return SourceUnavailable(
            f"source {self.name!r}: dataset {self.dataset!r}, configuration {self.configuration!r}, split "
            f"{self.split!r}, revision {self.revision!r}: {said}. Correct it, or fetch its files and name them in "
            "paths. A data set with a loading script needs data_files."
        )

    def _rows(self, key: list[Any], cache: Path) -> Iterator[tuple[str, dict[str, Any] | Refused]]:
        """Rows of a unit, each with its place."""
        if self.dataset is None:
            path, groups = key
            for number, row in tables.rows_of(Path(path), groups and tuple(groups), self._max_line_bytes):
                yield f"row {number} of {path}", row
            return
        revision, index, count = key
        shard = self._stream(revision, cache).shard(num_shards=count, index=index)
        for number, row in enumerate(shard, 1):
            yield f"row {number} of shard {index} of {self.dataset}", row

    def _rows_with(self, commit: str, cache: Path) -> Iterator[dict[str, Any]]:
        """Rows of every table that may be of a commit."""
        if self.dataset is not None:
            yield from self._stream(self._resolve()[0], cache)
            return
        for given in self.paths:
            try:
                found = self._files(given)
            except SourceUnavailable:
                continue
            for path in found:
                rows = tables.rows_of(path, None, self._max_line_bytes, commit)
                yield from (row for _, row in rows if isinstance(row, dict))

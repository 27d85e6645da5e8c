"""One unit of a source, read and mined on one worker; what it gave is kept, and not read again by a later run."""

import io
import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import zstandard

from pipeline.beam import Children, Expand, dead
from pipeline.sources.base import Source, Unit
from schemas import contract
from schemas.provenance import Origin, content_id
from schemas.records import Candidate, Dropped

STAGE = "mine"


class MineUnit(beam.DoFn):
    """Children of one unit's records; outputs `kept` (main), `dropped`, `dead` and `counts`, as `Expand` has them.

    A unit of which no record failed is kept in the cache under everything that its children follow from. A reader that
    fails sends the unit to the dead letters.

    Args:
        sources: the configured sources.
        function: from a record and whether its source has windows to the record's children.
        version: of the code, the options and the seed.
        cache: the worker's cache folder.
    """

    def __init__(
        self, sources: tuple[Source, ...], function: Callable[..., Children], version: str, cache: str
    ) -> None:
        self.sources = {source.name: source for source in sources}
        self.function = function
        self.version = version
        self.cache = cache

    def process(self, unit: Unit) -> Iterator[Any]:
        """One unit."""
        path = Path(self.cache) / "mined" / f"{content_id(self.version, unit.source, unit.key, unit.digest)}.jsonl.zst"
        known = _read(path)
        if known is not None:
            yield from known
            return
        source, failed = self.sources[unit.source], False
        expand = Expand(STAGE, lambda record: self.function(record, windowed=source.windowed))
        expand.start_bundle()
        lines = []
        try:
            for record in source.read(unit, Path(self.cache)):
                for output in expand.process(record):
                    failed = failed or (isinstance(output, beam.pvalue.TaggedOutput) and output.tag == "dead")
                    if not failed:
                        lines.append(_line(output))
                    yield output
        except Exception as error:  # noqa: BLE001  (rule 3)
            yield beam.pvalue.TaggedOutput("dead", dead(STAGE, error, unit))
            expand.counts.update({"in": 1, "dead_in": 1})
            failed = True
        for item in expand.counts.items():
            yield beam.pvalue.TaggedOutput("counts", item)
        if not failed:
            _write(path, [*lines, json.dumps({"counts": dict(expand.counts)})])

    @staticmethod
    def outputs(
        sources: tuple[Source, ...], function: Callable[..., Children], version: str, cache: str
    ) -> beam.PTransform:
        """The transform with its four outputs."""
        made = MineUnit(sources, function, version, cache)
        return beam.ParDo(made).with_outputs("dropped", "dead", "counts", main="kept")


def _line(output: Any) -> str:
    if isinstance(output, Candidate):
        return json.dumps({"kept": contract.candidate_row(output)}, ensure_ascii=False)
    return json.dumps({"dropped": contract.dropped_row(output.value)}, ensure_ascii=False)


def _read(path: Path) -> list[Any] | None:
    """What a unit gave before, as outputs; None where it is not known, or the file is damaged."""
    try:
        with path.open("rb") as stream, zstandard.ZstdDecompressor().stream_reader(stream) as plain:
            text = io.TextIOWrapper(plain, encoding="utf-8", errors="surrogatepass").read()
        return [output for line in text.split("\n") for output in _outputs(json.loads(line))]
    except (OSError, ValueError, KeyError, TypeError, zstandard.ZstdError):
        return None


def _outputs(row: dict[str, Any]) -> Iterator[Any]:
    if "kept" in row:
        yield contract.candidate_from_row(row["kept"])
    elif "dropped" in row:
        facts = dict(row["dropped"])
        place = {name: facts.pop(name) for name in ("source", "repo", "revision", "path")}
        origin = Origin(**place, blob_sha256="")  # a dropped row has no more of it
        yield beam.pvalue.TaggedOutput("dropped", Dropped(**facts, origin=origin))
    else:
        for item in Counter(row["counts"]).items():
            yield beam.pvalue.TaggedOutput("counts", item)


def _write(path: Path, lines: list[str]) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    try:
        beside.write_bytes(zstandard.ZstdCompressor().compress("\n".join(lines).encode("utf-8", "surrogatepass")))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

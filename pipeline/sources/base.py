"""What a source is: options of its own, units of work that a driver prepares, and a reader that workers call."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from schemas.config import Options
from schemas.provenance import Origin
from schemas.records import Change, Dropped, SourceFile

Read: TypeAlias = SourceFile | Change | Dropped
"""What a reader yields: a record, or why there is none."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a source that one worker reads: a package, a file, a range of commits.

    Attributes:
        source: name of the source.
        key: what to read, understood by the source alone; for people too.
        digest: of the content that will be read, so that an unchanged unit is known without reading it.
    """

    source: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a driver learnt before the run.

    Attributes:
        units: in a fixed order.
        warnings: one line for each thing that is not required and could not be had.
    """

    units: tuple[Unit, ...]
    warnings: tuple[str, ...] = ()


class Source(Options):
    """Base of every source's options.

    Attributes:
        name: unique in a configuration; recorded with each record.
        required: whether its absence ends the run (else: a warning and a count).
        windowed: whether the windows of `mine.changes` hold for its changes.
    """

    name: str
    required: bool = True
    windowed: bool = True

    @abstractmethod
    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """Resolve and fetch, on the driver.

        Args:
            cache: folder of files named by their sha256, shared between runs.
            progress: told one line a step.

        Raises:
            SourceUnavailable: naming the source and the way out (only where `required`).
        """

    @abstractmethod
    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """Records of one unit, in a fixed order; called on a worker, which fetches what its own cache lacks."""

    def rows(self, cache: Path) -> Any | None:
        """A PTransform from the pipeline's start to records, for a source that Beam itself reads; None for all others.

        Such a source has one unit, which stands for all of it in the run's keys and counts, and whose `read` is empty.

        Args:
            cache: the workers' cache folder.
        """
        return None

    @abstractmethod
    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        """The record that once came from `origin`, read again from its source.

        Raises:
            SourceUnavailable: it can't be had any more, or its bytes are not those of `origin.blob_sha256`.
        """

"""Messages and both sides of commits, read again: from a run's own sources, or from a folder of git mirrors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline import storage
from pipeline.config import RunConfig
from pipeline.mining_report.found import Found
from pipeline.mining_report.gold import Gold
from pipeline.mining_report.mirrors import read_mirrors
from pipeline.sources.base import Source
from schemas.config import validate
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin
from schemas.records import Change

Key = tuple[str, str]
"""Repository and sha, as the gold file spells them."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What could be read.

    Attributes:
        changes: by repository and sha.
        unread: (repository and sha, why not) of the others.
    """

    changes: dict[Key, Change]
    unread: tuple[tuple[Key, str], ...]


def run_config(root: str) -> RunConfig:
    """The configuration that a run's folder records.

    Raises:
        ConfigError: it is missing or wrong.
    """
    path = storage.join(root, "config.yaml")
    if not storage.exists(path):
        raise ConfigError(f"{path}: no such file, so the run's sources are not known. `themis run` writes it.")
    try:
        table = yaml.safe_load(storage.read_bytes(path))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    return validate(RunConfig, table, path)


def from_sources(found: Iterable[Found], sources: Sequence[Source], cache: Path, tell: Callable[[int], None]) -> Texts:
    """The commits that a run examined, read from its sources again.

    Args:
        found: the commits.
        sources: of the run.
        cache: the workers' cache folder.
        tell: called with the number of commits tried so far.
    """
    by_name = {source.name: source for source in sources}
    wanted = [((one.gold.repo, one.gold.sha), by_name.get(one.source), _origin(one)) for one in found]
    return _read([(key, source, origin) for key, source, origin in wanted], cache, tell)


def from_mirrors(gold: Iterable[Gold], mirrors: Path, tell: Callable[[int], None]) -> Texts:
    """Commits read from a folder of git repositories; see `read_mirrors`."""
    changes: dict[Key, Change] = {}
    unread = []
    for one, read in read_mirrors(gold, mirrors, tell):
        if isinstance(read, Change):
            changes[one.repo, one.sha] = read
        else:
            unread.append(((one.repo, one.sha), read))
    return Texts(changes, tuple(unread))


def _origin(one: Found) -> Origin:
    return Origin(one.source, one.repo, one.gold.sha, one.path, "", committed_at=0)


def _read(wanted: list[tuple[Key, Source | None, Origin]], cache: Path, tell: Callable[[int], None]) -> Texts:
    changes: dict[Key, Change] = {}
    unread = []
    for place, (key, source, origin) in enumerate(wanted):
        tell(place)
        if source is None:
            unread.append((key, "the configuration has no such source any more"))
            continue
        try:
            record = source.replay(origin, cache)
        except SourceUnavailable as error:
            unread.append((key, str(error)))
            continue
        if isinstance(record, Change):
            changes[key] = record
        else:
            unread.append((key, "read as a file, not as a change"))
    tell(len(wanted))
    return Texts(changes, tuple(unread))

"""Models that were scored on the same benchmark, ranked; models of different benchmarks are never compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.leaderboard.measure import Entry, measure
from pipeline.evaluation.leaderboard.read import Run
from schemas.criteria import CRITERIA
from schemas.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Line:
    """One model on the board: its rank (equal accuracies share it), and the share of the benchmark that was scored."""

    rank: int
    entry: Entry
    coverage: float


@dataclass(frozen=True, slots=True)
class Board:
    """Models of one benchmark.

    Attributes:
        number: from 1, the benchmark with the most models first.
        pairs: different pairs that any of the models was scored on.
        lines: best strict accuracy over all pairs first, then by name.
        criteria: benchmark spellings, by class label.
        languages: benchmark spellings, by name.
    """

    number: int
    pairs: int
    lines: tuple[Line, ...]
    criteria: tuple[str, ...]
    languages: tuple[str, ...]


def boards(runs: Sequence[Run]) -> list[Board]:
    """One board a benchmark. Runs that share a pair's id are of one benchmark. Needs the extra `train`.

    Raises:
        ConfigError: two runs give one pair different labels.
    """
    ids = {run.name: frozenset(run.scores["id"].to_pylist()) for run in runs}
    groups: list[tuple[set[str], list[Run]]] = []
    for run in runs:
        shared = [group for group in groups if not group[0].isdisjoint(ids[run.name])]
        joined = (set(ids[run.name]).union(*(group[0] for group in shared)), [*(r for g in shared for r in g[1]), run])
        groups = [group for group in groups if not any(group is one for one in shared)] + [joined]
    groups.sort(key=lambda group: (-len(group[1]), -len(group[0]), min(run.name for run in group[1])))
    return [_board(number, len(found), members) for number, (found, members) in enumerate(groups, 1)]


def _board(number: int, pairs: int, runs: Sequence[Run]) -> Board:
    _check_labels(runs)
    entries = sorted((measure(run) for run in runs), key=lambda entry: (-entry.micro.value, entry.name))
    lines: list[Line] = []
    for place, entry in enumerate(entries, 1):
        same = bool(lines) and lines[-1].entry.micro.value == entry.micro.value
        lines.append(Line(lines[-1].rank if same else place, entry, entry.pairs / pairs))
    order = [criterion.benchmark_name for criterion in CRITERIA.values()]
    criteria = {label for entry in entries for label in entry.by_criterion}
    return Board(
        number=number,
        pairs=pairs,
        lines=tuple(lines),
        criteria=tuple(
            sorted(criteria, key=lambda label: (order.index(label) if label in order else len(order), label))
        ),
        languages=tuple(sorted({label for entry in entries for label in entry.by_language})),
    )


def _check_labels(runs: Sequence[Run]) -> None:
    """All runs say the same of a pair."""
    known: dict[str, tuple[str, tuple[str, str]]] = {}
    for run in runs:
        columns = (run.scores[name].to_pylist() for name in ("id", "language", "aspect"))
        for one, language, aspect in zip(*columns, strict=True):
            name, labels = known.setdefault(one, (run.name, (language, aspect)))
            if labels != (language, aspect):
                raise ConfigError(
                    f"{one}: is {' and '.join(labels)} in {name}, {language} and {aspect} in {run.name}. "
                    "Report on them apart, or score one of them again."
                )

"""What a run's models were asked and said, from its ledger alone: calls, votes, ratings, and answers of no use."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from pipeline.report.inputs import shards
from schemas.config import validate
from schemas.errors import ConfigError, RunFolderError
from synthesis.calls import AnswerUnusable
from synthesis.recipe import JudgeOptions, RateOptions
from synthesis.tasks import bug, degrade, fix, instruct, judge, rate, recover
from synthesis.tasks.judge import Side, Vote

TASKS = ("rate", "rate/reversed", "rate/placebo", "recover", "instruct", "degrade", "bug", "fix", "judge",
         "judge/canary")  # fmt: skip
"""In the order in which they are done."""

READERS: dict[str, Callable[[str], object]] = {
    "rate": rate.read, "recover": recover.read, "instruct": instruct.read, "degrade": degrade.read, "bug": bug.read,
    "fix": fix.read, "judge": judge.read,
}  # fmt: skip
COLUMNS = ["task", "record", "model", "request", "text", "prompt_tokens", "completion_tokens", "seconds"]
MAX_TEXT = 240
"""Characters shown of an answer of no use."""

_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Setup:
    """What of a run's configuration its votes and ratings are read by.

    Attributes:
        seed: of the run.
        judge: options of the judges; None where no pair was judged.
        rate: options of the raters; None where nothing was rated.
        served: the server's name of each model that it calls otherwise than the configuration does.
    """

    seed: int
    judge: JudgeOptions | None = None
    rate: RateOptions | None = None
    served: Mapping[str, str] = field(default_factory=dict)

    def named(self, options: JudgeOptions | RateOptions | None) -> dict[str, list[str]]:
        """The configuration's names of the asked models, by the server's."""
        found: dict[str, list[str]] = {}
        for name in options.models if options is not None else ():
            found.setdefault(self.served.get(name, name), []).append(name)
        return found


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one task to one model.

    Attributes:
        task: its name.
        model: as its server knows it.
        calls: how many.
        again: of them, those that showed the model a bad answer and asked for another.
        usable: answers of the form that the task asks for; None for a task that is not known.
        prompt_tokens: summed, as the server counted.
        completion_tokens: likewise.
        seconds: summed; calls overlap.
    """

    task: str
    model: str
    calls: int
    again: int
    usable: int | None
    prompt_tokens: int
    completion_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer that is not of the asked form: what is wrong with it, and how it begins."""

    task: str
    model: str
    wrong: str
    text: str


@dataclass(slots=True)
class Heard:
    """What a ledger holds, gathered row by row.

    Attributes:
        calls: by task and model: calls, those asked again, usable answers, tokens of both kinds, seconds.
        votes: by task (`judge`, `judge/canary`), then pair.
        ratings: by task (`rate`, `rate/reversed`, ...), then rater, then candidate.
        unusable: the first answer of no use by task and model.
        strays: votes and ratings that the configuration does not account for.
    """

    calls: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    votes: dict[str, dict[str, list[Vote]]] = field(default_factory=dict)
    ratings: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    unusable: dict[tuple[str, str], Unusable] = field(default_factory=dict)
    strays: int = 0

    @property
    def table(self) -> tuple[Calls, ...]:
        """The calls, by task and model."""
        made = []
        for task, model in sorted(self.calls, key=in_order):
            calls, again, usable, prompt, completion, seconds = self.calls[task, model]
            known = int(usable) if task.partition("/")[0] in READERS else None
            made.append(Calls(task, model, int(calls), int(again), known, int(prompt), int(completion), seconds))
        return tuple(made)


def in_order(key: tuple[str, str]) -> tuple[int, str, str]:
    """Where a task and a model stand in a table."""
    return TASKS.index(key[0]) if key[0] in TASKS else len(TASKS), *key


def setup(root: Path) -> Setup | None:
    """What the run's `config.yaml` says; None where there is none.

    Raises:
        RunFolderError: it is no configuration of a run.
    """
    path = root / "config.yaml"
    if not path.is_file():
        return None
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        backend = table["synthesize"]["backend"]
        judged, rated = backend.get("judge"), backend.get("rate")
        return Setup(
            seed=int(table["seed"]),
            judge=None if judged is None else validate(JudgeOptions, judged, "synthesize.backend.judge"),
            rate=None if rated is None else validate(RateOptions, rated, "synthesize.backend.rate"),
            served={one["name"]: one["model"] for one in backend.get("models") or () if one.get("model")},
        )
    except (ConfigError, yaml.YAMLError, UnicodeDecodeError, LookupError, TypeError, ValueError, AttributeError) as e:
        raise RunFolderError(
            f"{path}: not a run's configuration ({type(e).__name__}: {e}). `themis run` writes it."
        ) from None


def ledger(root: Path) -> Iterator[dict[str, Any]]:
    """Rows of the run's ledger, of `COLUMNS`."""
    for path in shards(root, "ledger"):
        for batch in pq.ParquetFile(path).iter_batches(batch_size=2_000, columns=COLUMNS):
            yield from batch.to_pylist()


def gather(rows: Iterable[Mapping[str, Any]], said: Setup) -> Heard:
    """Everything that the section needs of the calls in `rows`.

    Raises:
        RunFolderError: a request is not one.
    """
    heard = Heard()
    judges, raters = said.named(said.judge), said.named(said.rate)
    sides: dict[str, dict[int, Side]] = {}
    for row in rows:
        seed, again = _asked(row)
        value = _read(heard, row)
        _count(heard, row, again, value is not None)
        record = row["record"]
        if isinstance(value, judge.Ballot):
            if record not in sides:
                sides[record] = judge.shown_first(said.seed, record, said.judge.votes) if said.judge else {}
            first, names = sides[record].get((seed - again) % _SEEDS), judges.get(row["model"], ())
            heard.strays += first is None or not names
            if first is not None:
                made = [Vote(name, "", first, judge.meant(value, first), "") for name in names]
                heard.votes.setdefault(row["task"], {}).setdefault(record, []).extend(made)
        elif isinstance(value, rate.Rating):
            names, control = raters.get(row["model"], ()), row["task"].partition("/")[2]
            heard.strays += not names
            for name in names:
                own = heard.ratings.setdefault(row["task"], {}).setdefault(name, {})
                own[record.removesuffix(f"/{control}") if control else record] = value.saliency
    return heard


def _asked(row: Mapping[str, Any]) -> tuple[int, bool]:
    """A call's sampling seed, and whether it showed the model a bad answer of its own."""
    try:
        body = json.loads(row["request"])
        return int(body["seed"]), any(message["role"] == "assistant" for message in body["messages"])
    except (ValueError, LookupError, TypeError) as error:
        raise RunFolderError(
            f"ledger: a request of {row['task']} for {row['record']} is none ({error}). Make the pairs again."
        ) from None


def _read(heard: Heard, row: Mapping[str, Any]) -> object | None:
    """The value of an answer; None where it has none, of which the first by task and model is kept to be shown."""
    reader = READERS.get(row["task"].partition("/")[0])
    if reader is None:
        return None
    try:
        return reader(row["text"])
    except AnswerUnusable as error:
        shown = Unusable(row["task"], row["model"], str(error), row["text"][:MAX_TEXT])
        heard.unusable.setdefault((row["task"], row["model"]), shown)
        return None


def _count(heard: Heard, row: Mapping[str, Any], again: bool, usable: bool) -> None:
    sums = heard.calls.setdefault((row["task"], row["model"]), [0.0] * 6)
    more = (1, again, usable, row["prompt_tokens"], row["completion_tokens"], row["seconds"])
    for place, value in enumerate(more):
        sums[place] += value


def decided(root: Path) -> frozenset[str]:
    """Ids of the pairs that their judges' votes decided on, whether they stayed or not."""
    found: set[str] = set()
    for path in shards(root, "pairs"):
        for batch in pq.ParquetFile(path).iter_batches(columns=["id"]):
            found.update(batch.column(0).to_pylist())
    for path in shards(root, "dropped"):
        for batch in pq.ParquetFile(path).iter_batches(columns=["id", "stage", "reason"]):
            found.update(
                row["id"] for row in batch.to_pylist()
                if row["stage"] == "synthesize" and row["reason"].startswith("judges_")
            )  # fmt: skip
    return frozenset(found)
